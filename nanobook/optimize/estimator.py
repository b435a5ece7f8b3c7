"""The optimisers in scikit-learn's dress, for its search and cross-validation."""

import numpy as np

from ..errors import InvalidValue, NotComputed, ShapeError, TooFewObservations
from ..hints import listing, nearest
from ..portfolio.inputs import is_flat
from .inputs import read_sample, read_weights
from .variance import optimize_min_variance


class PortfolioEstimator:
    """Any optimiser as an estimator: `fit` on returns, weights in ``weights_``.

    Parameters
    ----------
    optimizer : function
        Takes returns and options, and returns weights; default `optimize_min_variance`.
    **options
        Keyword arguments of the optimizer, which are parameters of the estimator.

    Attributes
    ----------
    weights_ : ndarray, shape (N,)
        After `fit`.
    feature_names_in_ : tuple of N names, or None
        Columns of the DataFrame it was fitted on.

    Examples
    --------
    >>> from nanobook import PortfolioEstimator, optimize_cvar
    >>> model = PortfolioEstimator(optimize_cvar, alpha=0.75)
    >>> model.fit([[0.02, -0.01], [-0.02, 0.02], [0.03, 0.02], [0.01, 0.01]]).weights_.round(3).tolist()
    [0.429, 0.571]
    """

    _estimator_type = "portfolio"

    def __init__(self, optimizer=optimize_min_variance, **options):
        self.optimizer = optimizer
        self.options = options

    def fit(self, X, y=None):
        """Optimise on returns (T, N); ``y`` is not used. Returns the estimator."""
        given = self.optimizer(X, **self.options)
        sample = read_sample(X, minimum=1, name="X")
        self.weights_ = read_weights(given, sample.labels.symbols, sample.count)
        self.n_features_in_ = sample.count
        self.feature_names_in_ = sample.labels.symbols
        return self

    def predict(self, X):
        """Returns of the portfolio, (T,), rebalanced to the weights every period; columns go by name."""
        if not hasattr(self, "weights_"):
            raise NotComputed("weights_: call fit first")
        sample = read_sample(X, minimum=1, name="X")
        if sample.count != len(self.weights_):
            raise ShapeError(f"X: {sample.count} assets, fitted on {len(self.weights_)}")
        names, weights = sample.labels.symbols, self.weights_
        if names != self.feature_names_in_ and None not in (names, self.feature_names_in_):
            fitted = dict(zip(self.feature_names_in_, weights, strict=True))
            other = [name for name in names if name not in fitted]
            if other:
                raise ShapeError(
                    f"X: fitted without {listing(other)}; pass the columns that it was fitted on"
                )
            weights = np.array([fitted[name] for name in names])
        return sample.values @ weights

    def score(self, X, y=None):
        """Mean of the portfolio's returns over their deviation (``ddof=1``), per period: more is better.

        0 where they do not vary; needs two rows.
        """
        returns = self.predict(X)
        if len(returns) < 2:
            raise TooFewObservations(f"X: {len(returns)} rows, needs at least 2 for a deviation")
        if is_flat(returns):
            return 0.0
        return float(returns.mean() / returns.std(ddof=1))

    def get_params(self, deep=True):
        """The optimizer and its options."""
        return {"optimizer": self.optimizer, **self.options}

    def set_params(self, **params):
        """Change the optimizer or options that it has. Returns the estimator."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise InvalidValue(
                    f"{name}: is no parameter{nearest(name, known)}; there are {', '.join(known)}"
                )
            if name == "optimizer":
                self.optimizer = value
            else:
                self.options[name] = value
        return self

    def __sklearn_tags__(self):
        """What scikit-learn asks of an estimator before it uses one."""
        from sklearn.utils import Tags, TargetTags

        return Tags(estimator_type=None, target_tags=TargetTags(required=False))

    def __repr__(self):
        told = [getattr(self.optimizer, "__name__", repr(self.optimizer))]
        told += [f"{name}={value!r}" for name, value in self.options.items()]
        return f"PortfolioEstimator({', '.join(told)})"

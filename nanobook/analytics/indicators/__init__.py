"""Technical indicators, as TA-Lib computes them, over series and tables or row by row."""

from .bars import ad, adosc, atr, avgprice, medprice, natr, obv, trange, typprice, wclprice, wilder_atr
from .directional import adx, adxr, dx, minus_di, minus_dm, plus_di, plus_dm
from .momentum import apo, bop, cmo, macd, macdfix, mom, ppo, roc, rocp, rocr, rocr100, rsi, trix
from .oscillators import aroon, aroonosc, cci, mfi, stoch, stochf, stochrsi, ultosc, willr
from .overlap import bbands, bollinger, dema, ema, kama, midpoint, midprice, rma, sar, sma, t3, tema, trima, wma
from .statistics import beta, correl, linearreg, linearreg_angle, linearreg_intercept, linearreg_slope, maxindex, minindex, minmax, rolling_max, rolling_min, rolling_sum, stddev, tsf, var
from .listing import list_supported_indicators
from .panels import atr_panel, bbands_panel, ema_panel, ema_panel_by_column, macd_panel, rsi_panel, sma_panel, sma_panel_by_column
from .stream import Stream

__all__ = ["Stream", "ad", "adosc", "adx", "adxr", "apo", "aroon", "aroonosc", "atr", "atr_panel", "avgprice", "bbands", "bbands_panel", "beta", "bollinger", "bop", "cci", "cmo", "correl", "dema", "dx", "ema", "ema_panel", "ema_panel_by_column", "kama", "linearreg", "linearreg_angle", "linearreg_intercept", "linearreg_slope", "list_supported_indicators", "macd", "macd_panel", "macdfix", "maxindex", "medprice", "mfi", "midpoint", "midprice", "minindex", "minmax", "minus_di", "minus_dm", "mom", "natr", "obv", "plus_di", "plus_dm", "ppo", "rma", "roc", "rocp", "rocr", "rocr100", "rolling_max", "rolling_min", "rolling_sum", "rsi", "rsi_panel", "sar", "sma", "sma_panel", "sma_panel_by_column", "stddev", "stoch", "stochf", "stochrsi", "t3", "tema", "trange", "trima", "trix", "tsf", "typprice", "ultosc", "var", "wclprice", "wilder_atr", "willr", "wma"]

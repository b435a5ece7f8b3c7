"""The configuration of the rebalancer: one frozen object, checked as a whole before anything else is done."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path

from ...errors import ConfigError
from ...hints import nearest, printable
from ..trusted import read_trusted
from .check import Faults, check_section
from .rules import contradictions, position_above_leverage
from .sections import (
    SECTIONS,
    AccountSection,
    BrokerSection,
    Connection,
    Cost,
    Execution,
    Kill,
    Logging,
    Risk,
    keys_of,
)
from .texts import apply_texts, from_environ, from_overrides

BOM = b"\xef\xbb\xbf"
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Config:
    """What the rebalancer may do, and how.

    Attributes
    ----------
    risk, execution, cost, logging, kill, broker
        The sections, as of ``config_sections``.
    connection : Connection or None
    account : AccountSection
    folder : Path
        Where the file is; relative paths start there.
    path : Path or None
        The file.
    """

    risk: Risk
    execution: Execution = field(default_factory=Execution)
    cost: Cost = field(default_factory=Cost)
    logging: Logging = field(default_factory=Logging)
    kill: Kill = field(default_factory=Kill)
    broker: BrokerSection = field(default_factory=BrokerSection)
    connection: Connection | None = None
    account: AccountSection = field(default_factory=lambda: AccountSection("paper", "cash"))
    folder: Path = field(default_factory=Path.cwd)
    path: Path | None = None

    @property
    def log_folder(self):
        """Folder of the audit trail, the lock and the kill switch."""
        return self.folder / self.logging.dir

    @property
    def audit_path(self):
        """The audit trail."""
        return self.log_folder / self.logging.audit_file

    @property
    def digest(self):
        """SHA-256 of all that is in force, wherever it came from; goes into the audit trail."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    @property
    def broker_settings(self):
        """What the broker is opened with: its own settings, and for Interactive Brokers the two sections."""
        settings = dict(self.broker.settings)
        if self.broker.kind == "ibkr":
            connection = {name: getattr(self.connection, name) for name in keys_of(Connection)}
            settings = {**connection, "account": self.account.id, "live": self.broker.live, **settings}
        elif self.broker.kind == "binance":
            settings["live"] = self.broker.live
        return settings

    def to_dict(self):
        """Give the sections as plain dictionaries; fractions as text."""
        sections = asdict(self)
        del sections["folder"], sections["path"]
        return plain(sections)


def plain(value):
    """Write fractions as text, so that JSON keeps them exact."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, Decimal) else value


def load_config(path=None, *, environ=None, overrides=()):
    """Read and check a configuration.

    What counts is the first of these that says something: ``overrides``; the environment, where
    ``NANOBOOK_EXECUTION_ON_REJECT`` stands for ``execution.on_reject``; the file; the defaults. Limits of
    risk come from the file alone.

    Parameters
    ----------
    path : str or path-like, optional
        Unless told: ``NANOBOOK_CONFIG``, else ``config.toml`` or ``nanobook.toml`` of the working folder.
        The file must be yours, no link, and not to be written by others (mode 0640 at most).
    environ : mapping, optional
        The process's environment unless told.
    overrides : iterable of str, optional
        ``section.key=value`` each, as of the command line.

    Returns
    -------
    Config

    Raises
    ------
    ConfigError
        All that is wrong, each with the path of its key.

    Examples
    --------
    >>> import os, tempfile
    >>> from nanobook.rebalancer.settings.config import load_config
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "config.toml")
    ...     with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
    ...         _ = file.write("risk.max_leverge = 1.5")
    ...     try:
    ...         load_config(path)
    ...     except ValueError as error:
    ...         print(str(error).splitlines()[-1])
      risk.max_leverge: there is no such key (did you mean 'max_leverage'?)
    """
    environ = os.environ if environ is None else environ
    path = Path(path or environ.get("NANOBOOK_CONFIG") or find_config(Path.cwd()))
    content = read_trusted(path, most=MOST_BYTES, mode=0o640, error=ConfigError)
    faults = Faults()
    tables = parse(path, content)
    apply_texts(tables, [*from_environ(environ, faults), *from_overrides(overrides, faults)], faults)
    config = build(tables, path, faults)
    if faults:
        raise ConfigError(told(path, faults))
    return config


def find_config(folder):
    """Find the file of a folder."""
    found = [folder / name for name in ("config.toml", "nanobook.toml") if os.path.lexists(folder / name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(f"{folder}: has config.toml and nanobook.toml; say which with --config")
    raise ConfigError(
        f"{folder}: no config.toml here; name one with --config, or let 'rebalancer init' write one for paper"
    )


def parse(path, content):
    """Read TOML; numbers stay what they are written as."""
    try:
        return tomllib.loads(content.decode(), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is no UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        mark = "; it begins with a byte order mark: save it without" if content.startswith(BOM) else ""
        raise ConfigError(f"{path}: no TOML: {error}{mark}") from None
    except RecursionError:
        raise ConfigError(f"{path}: no TOML that anyone would write: nested too deeply") from None


def build(tables, path, faults):
    """Make the configuration, None if a section has a fault."""
    for name in tables:
        if name not in SECTIONS:
            faults.add(printable(name), f"there is no such section{nearest(name, SECTIONS)}")
    kind = tables["broker"].get("kind", "paper") if isinstance(tables.get("broker"), dict) else "paper"
    needed = {
        "risk",
        *(("connection", "account") if kind == "ibkr" else ("account",) if kind == "binance" else ()),
    }
    for name in sorted(needed - set(tables)):
        why = "no limit is assumed" if name == "risk" else f'broker.kind is "{kind}"'
        faults.add(name, f"this section is missing; {why}")
    sections = {name: check_section(name, tables[name], faults) for name in SECTIONS if name in tables}
    if faults:
        faults.extend(position_above_leverage(risk) if isinstance(risk := tables.get("risk"), dict) else ())
        return None
    config = Config(**sections, folder=path.absolute().parent, path=path.absolute())
    faults.extend(contradictions(config))
    faults.extend(file_name_faults(config))
    return config


def file_name_faults(config):
    """Yield what is wrong with the names of the files of a run."""
    name = config.logging.audit_file
    if name != Path(name).name or name in (".", ".."):
        yield f"logging.audit_file: {name!r} must be a plain name; the folder is logging.dir"


def told(path, faults):
    """Write all faults as one message."""
    if len(faults) == 1:
        return f"{path}: {faults[0]}"
    return "\n  ".join([f"{path}: {len(faults)} faults", *faults])

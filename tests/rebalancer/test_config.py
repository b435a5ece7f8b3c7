"""The configuration: defaults, what counts first, and every way to get it wrong."""

import contextlib
import os
import pickle
from dataclasses import FrozenInstanceError
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook.errors import ConfigError
from nanobook.rebalancer.settings.check import Faults, toml
from nanobook.rebalancer.settings.config import build, find_config, load_config, parse
from nanobook.rebalancer.settings.rules import check_switch
from nanobook.rebalancer.settings.sections import SECTIONS, defaults_of, keys_of
from tests.rebalancer.files import IBKR, RISK, write

VALUES = (
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=9) | st.lists(st.decimals())
)


@pytest.fixture
def load(tmp_path):
    """Write a text and load it; nothing comes from this process's environment."""

    def loaded(text, environ=None, overrides=()):
        path = write(tmp_path / "config.toml", text)
        return load_config(path, environ=environ or {}, overrides=overrides)

    return loaded


def faults(load, text, **options):
    """The lines of a refusal, without the path."""
    with pytest.raises(ConfigError) as caught:
        load(text, **options)
    head, *lines = str(caught.value).split("\n  ")
    return lines or [head.partition("config.toml: ")[2]]


def test_the_defaults_are_those_of_the_specification(load):
    config = load(RISK)
    assert config.connection is None
    assert (config.execution.order_interval_ms, config.execution.limit_offset_bps) == (100, 5)
    assert (config.execution.order_timeout_secs, config.execution.max_orders_per_run) == (300, 50)
    assert config.execution.quote_staleness_threshold_sec == 30
    assert (config.cost.commission_per_share, config.cost.commission_min) == (
        Decimal("0.0035"),
        Decimal("0.35"),
    )
    assert config.cost.slippage_bps == 5
    assert (config.logging.dir, config.logging.audit_file) == ("./logs", "audit.jsonl")
    assert (config.risk.min_trade_usd, config.risk.min_trade_cents, config.kill.timeout_secs) == (
        100,
        10_000,
        30,
    )
    assert (config.broker.kind, config.broker.live) == ("paper", False)
    assert config.audit_path == config.path.parent / "logs" / "audit.jsonl"


def test_numbers_are_exact(load):
    config = load(RISK + "[cost]\ncommission_per_share = 0.1\nslippage_bps = 2.50\n")
    assert config.cost.commission_per_share == Decimal("0.1")
    assert config.cost.slippage_bps == Decimal("2.5")
    assert config.risk.max_leverage == Decimal("1.5")


def test_a_configuration_is_frozen_and_has_a_digest(load):
    config = load(RISK)
    with pytest.raises(FrozenInstanceError):
        config.risk.max_leverage = 9
    assert len(config.digest) == 64
    assert load(RISK).digest == config.digest
    assert load(RISK + "[kill]\ntimeout_secs = 5\n").digest != config.digest
    assert load(RISK, overrides=["kill.timeout_secs=5"]).digest != config.digest
    assert pickle.loads(pickle.dumps(config)) == config


def test_flags_count_before_the_environment_before_the_file(load):
    text = RISK + "[execution]\norder_interval_ms = 1\norder_timeout_secs = 2\nmax_orders_per_run = 3\n"
    environ = {"NANOBOOK_EXECUTION_ORDER_INTERVAL_MS": "10", "NANOBOOK_EXECUTION_ORDER_TIMEOUT_SECS": "20"}
    got = load(text, environ, ["execution.order_interval_ms=100"]).execution
    assert (got.order_interval_ms, got.order_timeout_secs, got.max_orders_per_run) == (100, 20, 3)
    assert load(RISK, {"NANOBOOK_KILL_TIMEOUT_SECS": "2.5"}).kill.timeout_secs == Decimal("2.5")


def test_other_variables_are_not_ours(load):
    load(RISK, {"NANOBOOK_DATA": "/x", "NANOBOOK_BINANCE_API_KEY": "k", "KILL_TIMEOUT_SECS": ""})


def test_which_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"no config\.toml here"):
        load_config(environ={})
    write(tmp_path / "nanobook.toml", RISK)
    assert load_config(environ={}).path.name == "nanobook.toml"
    write(tmp_path / "config.toml", RISK)
    with pytest.raises(ConfigError, match=r"has config\.toml and nanobook\.toml"):
        find_config(tmp_path)
    other = write(tmp_path / "other.toml", RISK)
    assert load_config(environ={"NANOBOOK_CONFIG": str(other)}).path == other
    assert (
        load_config(tmp_path / "config.toml", environ={"NANOBOOK_CONFIG": str(other)}).path.name
        == "config.toml"
    )


def test_settings_of_the_brokers(load):
    config = load(RISK + IBKR)
    assert config.broker_settings == {
        "host": "127.0.0.1",
        "port": 7497,
        "client_id": 7,
        "timeout_secs": 30,
        "account": "DU12345",
        "live": False,
    }
    paper = load(RISK + '[broker]\ncash = 1000.50\nquotes = "q.csv"\nlist = [1.5]\ntable = {a = 0.1}\n')
    assert paper.broker_settings["cash"] == Decimal("1000.5")
    assert paper.broker_settings["table"] == {"a": Decimal("0.1")}
    coins = load(RISK + '[broker]\nkind = "binance"\n[account]\nid = "spot"\ntype = "cash"\n')
    assert coins.broker_settings == {"live": False}


def test_every_key_s_default_is_one_that_the_key_takes(load):
    """Also: what ``init`` writes of each section is read back as it was."""
    for name, section in SECTIONS.items():
        if name not in ("connection", "account"):
            values = "\n".join(f"{key} = {toml(value)}" for key, value in defaults_of(section).items())
            text = f"[{name}]\n{values}\n" + ("" if name == "risk" else RISK)
            assert getattr(load(text), name) == section()


# Row by row


def test_c057_a_misspelt_key_is_refused(load):
    text = RISK.replace("max_position_pct", "max_postion_pct") + "[executon]\n[cost]\nslipage_bps = 1\n"
    assert faults(load, text) == [
        "executon: there is no such section (did you mean 'execution'?)",
        "risk.max_position_pct: missing; for instance: max_position_pct = 0.25",
        "risk.max_postion_pct: there is no such key (did you mean 'max_position_pct'?)",
        "cost.slipage_bps: there is no such key (did you mean 'slippage_bps'?)",
    ]


def test_c057_a_misspelt_further_limit_is_no_limit_left_out(load):
    assert faults(load, RISK + "max_gros_cents = 5\n") == [
        "risk.max_gros_cents: there is no such key (did you mean 'max_gross_cents'?)"
    ]
    assert load(RISK + "max_gross_cents = 5_000_000\n").risk.further == {"max_gross_cents": 5_000_000}


def test_c057_a_key_of_the_original_without_use_says_so(load):
    (fault,) = faults(load, RISK + "[logging]\nmax_jump_rate_sec_per_sec = 2.0\n")
    assert "clock_skew_threshold_sec alone; take it out" in fault


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "max_position_pct = 0.25",
            'max_position_pct = "0.25"',
            "'0.25' is text; take the quotation marks away",
        ),
        ("max_leverage = 1.5", "max_leverage = true", "takes a number; true is not"),
        ("allow_short = false", "allow_short = 0", "takes true or false; 0 is not"),
        ("max_trade_usd = 100000", "max_trade_usd = 1e400", "out of range"),
        ("max_trade_usd = 100000", "max_trade_usd = 1e9999999", "out of range"),
        ("max_trade_usd = 100000", "max_trade_usd = nan", "not finite"),
        ("max_trade_usd = 100000", "max_trade_usd = inf", "not finite"),
        ("max_trade_usd = 100000", "max_trade_usd = 2026-01-01", "takes a number"),
        ("max_trade_usd = 100000", "max_trade_usd = [1]", "takes a number"),
        ("max_trade_usd = 100000", "max_trade_usd = -1", "must be above 0"),
        ("max_position_pct = 0.25", "max_position_pct = 25", "must be at most 1"),
        ("max_leverage = 1.5", "max_leverage = 0.99", "must be at least 1"),
    ],
)
def test_c058_wrong_types_and_values(load, old, new, told):
    (fault,) = faults(load, RISK.replace(old, new))
    assert fault.startswith(f"risk.{old.split()[0]}: ")
    assert told in fault


def test_c058_a_whole_number_is_no_fraction_and_text_no_number(load):
    text = (
        RISK
        + "[execution]\norder_timeout_secs = 1.5\non_reject = 3\n[logging]\ndir = ''\n"
        + "[kill]\ntimeout_secs = 0\n"
    )
    assert faults(load, text) == [
        "execution.order_timeout_secs: takes a whole number; 1.5 is not; write a whole number",
        "execution.on_reject: takes a text; 3 is not; put it between quotation marks",
        "logging.dir: '' must not be empty, begin or end with a blank, or hold control characters",
        "kill.timeout_secs: 0 must be above 0",
    ]


@pytest.mark.parametrize(
    "key", ["max_position_pct", "max_leverage", "max_trade_usd", "allow_short", "max_short_pct"]
)
def test_c059_a_missing_limit_is_refused(load, key):
    text = "\n".join(line for line in RISK.splitlines() if not line.startswith(key))
    (fault,) = faults(load, text)
    assert fault.startswith(f"risk.{key}: missing; for instance: {key} = ")


def test_c059_no_section_of_limits(load):
    assert faults(load, "[cost]\n") == ["risk: this section is missing; no limit is assumed"]
    assert faults(load, RISK + '[broker]\nkind = "ibkr"\n') == [
        'account: this section is missing; broker.kind is "ibkr"',
        'connection: this section is missing; broker.kind is "ibkr"',
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (RISK + "min_trade_usd = 200000\n", ("risk.min_trade_usd", "risk.max_trade_usd")),
        (RISK.replace("false", "true").replace("0.30", "0"), ("risk.allow_short", "risk.max_short_pct")),
        (
            RISK + "[execution]\nlimit_offset_bps = 600\n",
            ("execution.limit_offset_bps", "price_collar_pct, 0.05"),
        ),
        (RISK + "max_gross_cents = 5\nmax_net_cents = 6\n", ("max_net_cents 6", "max_gross_cents 5")),
        (RISK + 'allowed_symbols = ["A"]\ndenied_symbols = ["A"]\n', ("allowed_symbols", "denied_symbols")),
    ],
)
def test_c060_limits_that_contradict_each_other(load, text, names):
    (fault,) = faults(load, text)
    assert all(name in fault for name in names)


def test_c060_the_example_of_the_table(load):
    text = RISK.replace("0.25", "0.30").replace("1.5", "0.2")
    assert faults(load, text) == [
        "risk.max_leverage: 0.2 must be at least 1",
        "risk.max_position_pct: 0.3 is above risk.max_leverage, 0.2: no position could be both",
    ]


def test_c067_files_that_cannot_be_trusted(tmp_path):
    path = write(tmp_path / "config.toml", RISK)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    os.mkfifo(tmp_path / "pipe.toml")
    cases = {
        link: "is a link",
        tmp_path: "is a folder",
        tmp_path / "pipe.toml": "not a plain file",
        "/dev/zero": "not a plain file",
        tmp_path / "none.toml": "no such file; in the same folder: config.toml, link.toml, pipe.toml",
        f"{tmp_path}/a\0b": "no file can have this name",
        tmp_path / ("x" * 300): "File name too long",
    }
    for place, told in cases.items():
        with pytest.raises(ConfigError, match=told):
            load_config(place, environ={})
    for mode in (0o666, 0o644, 0o660, 0o604):
        os.chmod(path, mode)
        with pytest.raises(ConfigError, match=rf"mode 0{mode:o}\); run: chmod 640 "):
            load_config(path, environ={})
    os.chmod(path, 0o640)
    load_config(path, environ={})


def test_c067_another_owner(tmp_path, monkeypatch):
    path = write(tmp_path / "config.toml", RISK)
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    with pytest.raises(ConfigError, match=f"belongs to user {me}, not to you"):
        load_config(path, environ={})


def test_c063_what_is_no_toml(load):
    assert "no TOML" in faults(load, "[risk\n")[0]
    assert "byte 0 is no UTF-8" in faults(load, b"\xff")[0]
    assert "byte order mark" in faults(load, b"\xef\xbb\xbf" + RISK.encode())[0]
    assert "no TOML" in faults(load, RISK + RISK)[0]
    assert "at most 1,048,576 are read" in faults(load, "#" * (2 << 20))[0]
    assert "TOML" in faults(load, "a = " + "[" * 100_000)[0]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            RISK + IBKR.replace('"ibkr"', '"ibkr"\nlive = true').replace("DU", "U"),
            ("connection.port", "broker.live"),
        ),
        (RISK + IBKR.replace("7497", "7496"), ("connection.port", "broker.live is false")),
        (
            RISK + IBKR.replace('"ibkr"', '"ibkr"\nlive = true').replace("7497", "4001"),
            ("account.id", "DU12345"),
        ),
        (RISK + IBKR.replace("DU12345", "U12345"), ("account.id", "U12345 is a live account")),
        (RISK + "[broker]\nlive = true\n", ("broker.live", "paper")),
        (
            RISK
            + '[broker]\nkind = "binance"\nlive = true\ntestnet = true\n[account]\nid="x"\ntype="cash"\n',
            ("broker.testnet", "broker.live"),
        ),
    ],
)
def test_c070_paper_and_live_do_not_mix(load, text, names):
    (fault,) = faults(load, text)
    assert all(name in fault for name in names)


def test_c070_live_needs_the_file_and_the_command_line(load):
    live = load(
        RISK + IBKR.replace('"ibkr"', '"ibkr"\nlive = true').replace("7497", "4001").replace("DU", "U")
    )
    check_switch(live, True)
    with pytest.raises(ConfigError, match="say --live, too"):
        check_switch(live, False)
    with pytest.raises(ConfigError, match=r"broker\.live is false"):
        check_switch(load(RISK), True)


SECRETS = ("api_key", "secret_key", "password", "auth_token", "private_key", "passphrase")


@pytest.mark.parametrize("key", SECRETS)
def test_c072_a_secret_in_the_file_is_refused_and_never_shown(load, key):
    for section in ("broker", "execution", "cost"):
        (fault,) = faults(load, RISK + f'[{section}]\n{key} = "canary-4711"\n')
        assert fault.startswith(f"{section}.{key}: secrets do not belong")
        assert "canary" not in fault
    load(RISK + '[broker]\nsecrets_file = "keys"\n')


@pytest.mark.parametrize("text", ["", " 5", "5\n", "canary", "1e999", "nan", "0x5"])
def test_c072_variables_are_refused_by_name_and_their_values_never_shown(load, text):
    (fault,) = faults(load, RISK, environ={"NANOBOOK_EXECUTION_ORDER_TIMEOUT_SECS": text})
    assert fault == "NANOBOOK_EXECUTION_ORDER_TIMEOUT_SECS: not a whole number, without blanks around it"


def test_c072_limits_and_live_come_from_the_file_alone(load):
    environ = {
        "NANOBOOK_RISK_MAX_LEVERAGE": "9",
        "NANOBOOK_BROKER_LIVE": "true",
        "NANOBOOK_KILL_TIMEOUT": "1",
    }
    got = faults(
        load, RISK, environ=environ, overrides=["risk.max_gross_cents=1", "broker.live=true", "x.y=1", "x"]
    )
    assert got == [
        "NANOBOOK_BROKER_LIVE: broker.live is set in the file alone",
        "NANOBOOK_KILL_TIMEOUT: there is no key kill.timeout (did you mean 'timeout_secs'?)",
        "NANOBOOK_RISK_MAX_LEVERAGE: risk.max_leverage is set in the file alone",
        "--set x: write section.key=value",
        "--set risk.max_gross_cents: risk.max_gross_cents is set in the file alone",
        "--set broker.live: broker.live is set in the file alone",
        "--set x.y: there is no section 'x'",
    ]


def test_settings_of_a_broker_beyond_all_numbers(load):
    assert faults(load, RISK + "[broker]\ncash = 1e9999999\n") == ["broker.cash: out of range"]
    assert load(RISK + "[broker]\nlist = [1.5, 2]\n").to_dict()["broker"]["settings"] == {"list": ["1.5", 2]}


def test_names_of_files_stay_in_their_folder(load):
    for name in ("../a.jsonl", "/etc/passwd", "..", "a/b"):
        (fault,) = faults(load, RISK + f'[logging]\naudit_file = "{name}"\n')
        assert fault.startswith("logging.audit_file: ")


def test_a_section_that_is_none(load):
    assert faults(load, "cost = 5\n" + RISK) == ["cost: must be a table: write [cost] and its keys below"]
    assert "kind" in faults(load, RISK + '[broker]\nkind = "ibrk"\n')[0]


def test_strangers_texts_cannot_act(load):
    (fault,) = faults(load, RISK + '"\\u001b[2J" = 1\n')
    assert "\x1b" not in fault


@given(
    st.dictionaries(
        st.sampled_from([*SECTIONS, "x"]), st.dictionaries(st.text(max_size=8), VALUES, max_size=3)
    )
)
def test_any_tables_are_a_configuration_or_a_list_of_faults(tables):
    found = Faults()
    config = build(tables, Path("config.toml"), found)
    assert (config is None) == bool(found)
    assert all(": " in line and line.replace("\n", "").isprintable() for line in found)


@given(st.binary(max_size=99) | st.text(max_size=99).map(str.encode))
def test_any_bytes_are_toml_or_a_config_error(content):
    with contextlib.suppress(ConfigError):
        assert isinstance(parse("config.toml", content), dict)


def test_every_key_has_a_meaning():
    for section in SECTIONS.values():
        for rule in keys_of(section).values():
            assert rule.meaning
            assert rule.kind in ("text", "count", "number", "switch")


@pytest.mark.parametrize("value", ["nan", "-nan", "inf", "-inf"])
def test_c058_limits_that_are_no_numbers(tmp_path, value):
    path = write(tmp_path / "c.toml", f"[risk]\nmax_position_pct = 0.2\nmax_leverage = {value}\n")
    with pytest.raises(ConfigError, match=r"risk\.max_leverage: .*not finite"):
        load_config(path, environ={})

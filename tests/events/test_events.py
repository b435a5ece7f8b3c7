"""``Events``: a sequence over segments, its columns and frames, and what it is made of."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook import Event, Events, errors
from nanobook.events.fields import COLUMNS
from nanobook.events.segments import TapeSegment
from nanobook.events.text import lines_of
from nanobook.tape import flow_of
from nanobook.types import EVENT, MessageKind
from tests.events.making import EXAMPLES, logs, patient
from tests.tapes import flow

TAPE = flow_of(flow(60, 3))


@st.composite
def segmented(draw):
    """Events in segments of either kind, and the list of them."""
    segments = []
    for packed in draw(st.lists(st.booleans(), max_size=5)):
        if packed:
            start, size = draw(st.integers(0, 50)), draw(st.integers(0, 9))
            part = TAPE._replace(
                **{name: column[start : start + size] for name, column in TAPE._asdict().items()}
            )
            segments.append(TapeSegment.of(part, draw(st.booleans()), draw(st.booleans())))
        else:
            segments.append(Events.of(draw(logs)).rows())
    listed = [
        Event._of(values)
        for segment in segments
        for values in (segment if isinstance(segment, np.ndarray) else segment.rows()).tolist()
    ]
    return segments, listed


@patient
@given(segmented(), st.data())
def test_events_are_as_a_list_of_them(made, data):
    segments, listed = made
    log = Events(segments)
    places = st.none() | st.integers(-len(listed) - 2, len(listed) + 2)
    for _ in range(3):
        part = slice(data.draw(places), data.draw(places), data.draw(st.sampled_from([None, 1, 2, -1, -3])))
        assert list(log[part]) == listed[part]
        assert log[part] == listed[part]
    for place in range(-len(listed) - 2, len(listed) + 2):
        if -len(listed) <= place < len(listed):
            assert log[place] == listed[place]
        else:
            with pytest.raises(IndexError):
                log[place]
    assert len(log) == len(listed)
    assert list(log) == listed
    assert list(reversed(log)) == listed[::-1]
    assert Events.of(log) is log
    assert log.rows().tolist() == [event._values for event in listed]
    assert list(log) == listed  # also from one array
    assert lines_of(log.rows()) == [event.__getstate__() for event in listed]


@patient
@given(segmented())
def test_events_are_values(made):
    segments, listed = made
    log = Events(segments)
    assert log == listed
    assert log == tuple(listed)
    assert listed == log
    assert log == Events.of(listed) == Events.of(log.rows()) == Events.of(log.to_frame())
    again = pickle.loads(pickle.dumps(log))
    assert again == log
    assert log + listed == listed + log == listed + listed
    assert log != [*listed, EXAMPLES[0]]
    if listed:
        other = [*listed[:-1], Event.amend(987_654_321, 5)]
        assert log != other
        assert log != Events.of(other)
    assert log != "text"
    assert log != 5


def test_columns():
    log = Events.of(EXAMPLES)
    for name in COLUMNS:
        column = getattr(log, name)
        assert column.dtype == EVENT[name]
        assert column.tolist() == [event._values[COLUMNS.index(name)] for event in EXAMPLES]
        assert not column.flags.writeable
        assert name in dir(log)
    assert not log.rows().flags.writeable
    with pytest.raises(AttributeError, match="its columns are kind, side"):
        _ = log.prices
    with pytest.raises(TypeError):
        hash(log)


def test_what_is_given_is_not_changed_or_locked():
    rows = np.array([(0,) * 13], EVENT)
    rows["quantity"] = 5
    rows["order_id"] = 7
    before = rows.copy()
    log = Events.of(rows)
    assert log[0] == Event.submit_limit("buy", 0, 5)
    assert rows == before
    rows["quantity"] = 6
    assert log[0].quantity == 5
    assert Events.from_rows(rows).rows().base is not None
    assert rows.flags.writeable


def test_strings():
    assert repr(Events.of(EXAMPLES[:2])) == repr(list(EXAMPLES[:2]))
    assert repr(Events()) == "[]"
    assert repr(Events.of(EXAMPLES * 2)) == "Events(36)"
    page = Events.of(EXAMPLES * 2)._repr_html_()
    assert "Events(36)" in page
    assert page.count("<tr>") <= 11


def test_frames():
    frame = Events.of(EXAMPLES).to_frame()
    assert frame.kind.tolist() == [event.kind for event in EXAMPLES]
    assert frame.side.tolist()[0] == "buy"
    assert frame.side.isna().tolist()[2]
    assert frame.policy.dropna().tolist() == ["cancel_newest"]
    assert frame.trail.dropna().tolist() == ["fixed", "percentage", "sma_abs_change"]
    assert frame.tif.tolist()[-2] == "gtd"
    short = pd.DataFrame(
        {"kind": ["limit", "cancel"], "side": ["sell", None], "quantity": [3, 0], "order_id": [0, 1]}
    )
    assert Events.of(short) == [Event.submit_limit("sell", 0, 3), Event.cancel(1)]
    codes = pd.DataFrame({"kind": [0, 1], "quantity": [3, 0], "order_id": [0, 1]})
    assert Events.of(codes) == [Event.submit_limit("buy", 0, 3), Event.cancel(1)]
    empty = Events().to_frame()
    assert len(empty) == 0
    assert Events.of(empty) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": ["limit", "buy"]}, "kind 'buy'"),
        ({"kind": ["limit", None]}, "row 1: no kind"),
        ({"side": ["sell", "up"]}, "side 'up'"),
        ({"side": ["sell", 5]}, "side 5"),
        ({"prices": [1, 2]}, "prices"),
        ({"price": [1.5, 2]}, "price holds float64"),
        ({"price": ["1", "2"]}, "price holds"),
        ({"owner": [-1, 0]}, "owner from -1 to 0"),
        ({"quantity": [0, 0]}, "row 0: quantity 0"),
        ({"trail_value": ["1", "2"]}, "trail_value holds"),
    ],
)
def test_c011_frames_that_are_refused(change, told):
    frame = pd.DataFrame({"kind": ["limit", "cancel"], "quantity": [3, 0], "order_id": [0, 1]} | change)
    with pytest.raises(errors.NanobookError) as caught:
        Events.of(frame)
    assert told in str(caught.value)


def test_a_frame_without_kinds_is_refused():
    with pytest.raises(errors.ShapeError, match="use kind"):
        Events.of(pd.DataFrame({"price": [1]}))


@pytest.mark.parametrize(
    "wrong",
    [
        *(None, "text", b"text", iter(EXAMPLES), 5, {}, set(), EXAMPLES[0], bytearray(2)),
        *([1], [EXAMPLES[0], None], (EXAMPLES[0], "x"), "", [EXAMPLES[0]._values]),
        *(np.zeros(3), np.zeros((1, 1), EVENT), np.array(EXAMPLES, object)),
    ],
    ids=repr,
)
def test_what_holds_no_events_is_refused(wrong):
    with pytest.raises(TypeError) as caught:
        Events.of(wrong)
    assert isinstance(caught.value, errors.WrongType)
    assert "use" in str(caught.value)


def test_rows_that_are_no_events_are_refused_with_row_and_column():
    rows = Events.of(EXAMPLES).rows().copy()
    rows["quantity"][4] = -1
    with pytest.raises(
        errors.InvalidValue, match="row 4: quantity -1 is not allowed in a submit_stop_market"
    ):
        Events.of(rows)
    rows["kind"][1] = 200
    with pytest.raises(errors.InvalidValue, match="row 1: kind 200"):
        Events.of(rows)


def test_rows_of_another_byte_order_are_refused():
    rows = Events.of(EXAMPLES).rows()
    with pytest.raises(errors.WrongType):
        Events.of(rows.astype(EVENT.newbyteorder()))


def test_kinds_are_those_of_messages():
    log = Events.of(EXAMPLES)
    assert set(log.kind.tolist()) == set(map(int, MessageKind))

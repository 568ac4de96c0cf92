"""A tap's life is its table: drawn in the documentation, and without a way round the ledger."""

from pathlib import Path

import pytest

from appliance.station.tap import TRANSITIONS, ImpossibleTransition, Tap, TapEvent, TapState, diagram

STATION = Path(__file__).parents[4] / "docs" / "station.md"


def test_the_diagram_in_the_documentation_is_the_table() -> None:
    assert diagram() in STATION.read_text(encoding="utf-8")


def test_a_card_that_is_read_cannot_be_answered_before_it_is_recorded() -> None:
    for state in (TapState.VERIFYING, TapState.READING):
        following = {event: after for (before, event), after in TRANSITIONS.items() if before is state}
        answers = {event for event, after in following.items() if after is TapState.ANSWERED}
        assert answers <= {TapEvent.GAVE_UP}


def test_what_the_table_does_not_hold_raises_and_changes_nothing() -> None:
    tap = Tap(7)
    with pytest.raises(ImpossibleTransition, match="tap 7"):
        tap.on(TapEvent.RECORDED)
    assert tap.state is TapState.IDLE


def test_every_state_is_reached_and_left() -> None:
    reached = set(TRANSITIONS.values())
    left = {before for before, _ in TRANSITIONS}
    assert reached == left == set(TapState)

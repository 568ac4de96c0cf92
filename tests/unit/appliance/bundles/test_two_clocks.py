"""Two appliances, two clocks: the difference is shown, and hidden nowhere."""

from datetime import timedelta

import pytest


@pytest.mark.parametrize(
    "times",
    [(0, 0, True, None), (5, 0, True, 5), (0, 5, True, -5), (5, 0, False, 5), (0, 5, False, None)],
)
def test_a_difference_of_the_clocks_is_shown_as_far_as_it_can_be_told(doors, meeting, times):
    made, received, by_network, ahead = times
    a, b = doors
    b.is_clock_trusted = False
    b.rooms.tap("A2")
    a.takes(b.bundle(meeting, a, minutes=made), minutes=received, by_network=by_network)
    ((bundle,),) = [status.bundles for status in a.status.of_devices()]
    assert bundle.ahead == (None if ahead is None else timedelta(minutes=ahead))
    assert (bundle.their_clock_trusted, bundle.our_clock_trusted, bundle.by_network) == (False, True, by_network)


def test_both_times_of_each_entry_are_shown_in_the_order_in_which_the_other_wrote_them(doors, meeting):
    a, b = doors
    b.rooms.tap("A2", minutes=9)
    b.rooms.tap("A3", minutes=3)
    a.takes(b.bundle(meeting, a), minutes=12)
    shown = [(entry.at, entry.received_at) for entry in a.status.entries(meeting.uid) if entry.kind == "check-in"]
    at = [a.start + timedelta(minutes=minutes) for minutes in (9, 3, 12)]
    assert shown == [(at[0], at[2]), (at[1], at[2])], "a clock was set back there, and nobody hides it"

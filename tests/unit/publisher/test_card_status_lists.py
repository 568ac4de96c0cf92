"""The card status list: a base of the month, a delta of the day, sequences that only rise."""

import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.card_status import Difference
from publisher.desk import Desk
from publisher.errors import DeskError, TableIncomplete
from verifier.sdk.errors import InvalidInput
from verifier.sdk.publishing import CardState, CardStatusList

from .conftest import DAY, NOW, taken

Cards = Callable[..., Path]


def target(desk: Desk, name: str) -> bytes:
    path = f"card-status/{name}"
    assert path in taken(desk, at=desk.folder.journal.last.at).targets
    published = desk.folder.published().target_files()[path]
    return (desk.public / "targets" / published.get_prefixed_paths()[0]).read_bytes()


def hash_of(card: int) -> bytes:
    return hashlib.sha256(b"card %d" % card).digest()


def test_the_first_list_is_a_base_that_the_published_key_opens(filled: Desk) -> None:
    base = CardStatusList.decode(target(filled, "base.list"), CardStatusList.issuer_key(target(filled, "issuer.key")))
    assert (base.sequence, base.count, base.issued_at) == (1, 1000, NOW)
    assert base.next_update == NOW + 45 * DAY
    assert base.status_of(hash_of(7)).state is CardState.LOST
    assert "card-status/delta" not in taken(filled, at=NOW).targets


def test_the_next_days_are_deltas_to_the_same_base(filled: Desk, cards: Cards) -> None:
    base = target(filled, "base.list")
    for day in (1, 2):
        change = filled.add_card_status(cards(range(1000 + day)), at=NOW + day * DAY)
        assert (change.sequence, change.cards, change.is_new_base) == (1 + day, 1000 + day, False)
        filled.publish(at=NOW + day * DAY)
        assert target(filled, "base.list") == base
        assert change.delta_length == len(target(filled, "delta")) < 300


def test_a_thousand_changes_are_a_delta_of_at_most_forty_kilobytes(filled: Desk, cards: Cards) -> None:
    filled.add_card_status(cards(range(20_000)), at=NOW, new_base=True)
    filled.publish(at=NOW)
    change = filled.add_card_status(cards(range(500, 20_500)), at=NOW + DAY)
    assert not change.is_new_base
    assert change.delta_length <= 40_000


def test_after_a_month_comes_a_new_base_and_the_delta_goes(filled: Desk, cards: Cards) -> None:
    filled.add_card_status(cards(range(1001)), at=NOW + DAY)
    filled.publish(at=NOW + DAY)
    change = filled.add_card_status(cards(range(1002)), at=NOW + 30 * DAY)
    assert (change.is_new_base, change.why, change.delta_length) == (True, "the base is 30 days old", None)
    done = filled.publish(at=NOW + 30 * DAY)
    assert done.removed == ("card-status/delta",)
    assert "card-status/delta" not in taken(filled, at=NOW + 30 * DAY).targets


def test_where_so_much_changed_that_a_delta_would_not_pay_comes_a_new_base(filled: Desk, cards: Cards) -> None:
    assert filled.add_card_status(cards(range(1400)), at=NOW + DAY).is_new_base
    assert not filled.add_card_status(cards(range(1500)), at=NOW + DAY).is_new_base


def test_a_base_can_be_asked_for(filled: Desk, cards: Cards) -> None:
    assert filled.add_card_status(cards(range(1000)), at=NOW + DAY, new_base=True).why == "asked for"


def test_a_list_staged_twice_before_it_is_published_is_the_later_one(filled: Desk, cards: Cards) -> None:
    filled.add_card_status(cards(range(1001)), at=NOW + DAY)
    filled.add_card_status(cards(range(1002)), at=NOW + DAY, new_base=True)
    filled.add_card_status(cards(range(1003)), at=NOW + DAY)
    done = filled.publish(at=NOW + DAY)
    assert {one.path for one in done.targets} == {"card-status/base.list", "card-status/delta"}
    base = CardStatusList.decode(target(filled, "base.list"), CardStatusList.issuer_key(target(filled, "issuer.key")))
    assert (base.sequence, base.count) == (3, 1002)


def test_no_sequence_comes_twice_even_where_nothing_was_published(filled: Desk, cards: Cards) -> None:
    sequences = [filled.add_card_status(cards(range(1000)), at=NOW, new_base=True).sequence for _ in range(3)]
    filled.folder.staged.forget("card-status/base.list")
    sequences.append(filled.add_card_status(cards(range(1000)), at=NOW + DAY).sequence)
    assert sequences == [2, 3, 4, 5]


def test_a_damaged_memory_of_sequences_is_no_reason_to_begin_anew(filled: Desk, cards: Cards) -> None:
    filled.folder.card_status_path.write_text("{")
    with pytest.raises(DeskError, match="twice"):
        filled.add_card_status(cards([1]), at=NOW + DAY)


def test_when_the_next_list_comes_can_be_said(filled: Desk, cards: Cards) -> None:
    filled.add_card_status(cards(range(1000)), at=NOW + DAY, next_update_days=7, new_base=True)
    filled.publish(at=NOW + DAY)
    base = CardStatusList.decode(target(filled, "base.list"), CardStatusList.issuer_key(target(filled, "issuer.key")))
    assert base.next_update - base.issued_at == timedelta(days=7)


def test_a_faulty_table_stages_nothing_and_takes_no_sequence(filled: Desk, cards: Cards) -> None:
    for faulty in ("state,since\n", "hash,state,since\nxy,lost,2026-01-01\n"):
        path = cards([])
        path.write_text(faulty)
        with pytest.raises(InvalidInput):
            filled.add_card_status(path, at=NOW + DAY)
    assert filled.folder.staged.files() == {}
    assert filled.add_card_status(cards(range(1000)), at=NOW + DAY).sequence == 2


# --- who passes again -------------------------------------------------------------------------------------------------


def test_it_is_told_which_cards_come_go_and_change(filled: Desk, cards: Cards) -> None:
    first = filled.add_card_status(cards(range(20, 1001)), at=NOW + DAY).difference
    assert first == Difference(listed=1000, new=1, gone=20, changed=0)
    then = filled.add_card_status(cards(range(20, 1001), "revoked"), at=NOW + DAY).difference
    assert then == Difference(listed=981, new=0, gone=0, changed=981)


def test_a_table_of_only_the_new_card_lets_nobody_pass_again(filled: Desk, cards: Cards) -> None:
    with pytest.raises(TableIncomplete, match=r"1,000 of the 1,000 .* say how many: --no-longer-listed 1000"):
        filled.add_card_status(cards([1000]), at=NOW + DAY)
    assert filled.folder.staged.files() == {}
    assert filled.add_card_status(cards(range(1001)), at=NOW + DAY).sequence == 2


@pytest.mark.parametrize(
    ("listed", "gone", "is_refused"),
    [(1, 1, True), (2, 1, False), (2, 2, True), (3, 2, True), (5, 2, False), (5, 3, True), (1000, 50, False),
     (1000, 51, True)],
)  # fmt: skip
def test_few_cards_may_leave_the_list_unasked_of_a_short_list_too(
    desk: Desk, cards: Cards, listed: int, gone: int, is_refused: bool
) -> None:
    desk.add_card_status(cards(range(listed)), at=NOW)
    desk.publish(at=NOW)
    with pytest.raises(TableIncomplete) if is_refused else nullcontext():
        desk.add_card_status(cards(range(gone, listed)), at=NOW + DAY)


def test_many_leave_it_where_their_number_is_said_and_no_other(filled: Desk, cards: Cards) -> None:
    for wrong in (0, 399, 1000):
        with pytest.raises(TableIncomplete):
            filled.add_card_status(cards(range(400, 1000)), at=NOW + DAY, no_longer_listed=wrong)
    change = filled.add_card_status(cards(range(400, 1000)), at=NOW + DAY, no_longer_listed=400)
    assert (change.cards, change.difference.gone) == (600, 400)


def test_a_number_that_was_said_for_nothing_is_asked_about(desk: Desk, cards: Cards) -> None:
    with pytest.raises(TableIncomplete):
        desk.add_card_status(cards(range(3)), at=NOW, no_longer_listed=3)


@pytest.mark.parametrize("new_base", [False, True])
def test_what_is_staged_counts_before_what_is_published(filled: Desk, cards: Cards, new_base: bool) -> None:
    filled.add_card_status(cards(range(1001)), at=NOW + DAY, new_base=new_base)
    filled.add_card_status(cards(range(1002)), at=NOW + DAY)
    assert filled.add_card_status(cards(range(1002)), at=NOW + DAY).difference == Difference(1002, 0, 0, 0)


def test_another_key_is_no_way_past_the_question(filled: Desk, cards: Cards) -> None:
    filled.rotate_card_status()
    with pytest.raises(TableIncomplete):
        filled.add_card_status(cards([1000]), at=NOW + DAY)


def test_a_published_list_that_was_swapped_is_compared_with_nothing(filled: Desk, cards: Cards) -> None:
    published = filled.folder.published().target_files()["card-status/base.list"]
    (filled.public / "targets" / published.get_prefixed_paths()[0]).write_bytes(b"swapped")
    with pytest.raises(DeskError, match="is not what was published"):
        filled.add_card_status(cards(range(1001)), at=NOW + DAY)


def test_a_first_list_takes_nothing_away(desk: Desk, cards: Cards) -> None:
    assert desk.add_card_status(cards(range(3)), at=NOW).difference == Difference(0, 3, 0, 0)
    assert desk.status(at=NOW).removals == ()


def test_with_another_key_comes_a_base_that_is_signed_with_it(filled: Desk, cards: Cards) -> None:
    before = target(filled, "issuer.key")
    filled.rotate_card_status()
    change = filled.add_card_status(cards(range(1001)), at=NOW + DAY)
    assert change.is_new_base
    filled.publish(at=NOW + DAY)
    assert target(filled, "issuer.key") != before
    with CardStatusList.decode(
        target(filled, "base.list"), CardStatusList.issuer_key(target(filled, "issuer.key"))
    ) as listed:
        assert listed.sequence == 2


def test_states_are_counted_and_no_card_stands_in_the_journal(filled: Desk, cards: Cards) -> None:
    change = filled.add_card_status(cards(range(1000), "revoked"), at=NOW + DAY)
    assert change.states == {"revoked": 1000}
    filled.publish(at=NOW + DAY)
    journal = (filled.folder.path / "journal.jsonl").read_text()
    assert not any(hash_of(card).hex()[:16] in journal for card in range(3))
    assert json.loads(journal.splitlines()[-1])["counts"] == {"removed": 0}

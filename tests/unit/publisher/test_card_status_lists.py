"""The card status list: a base of the month, a delta of the day, sequences that only rise."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.desk import Desk
from publisher.errors import DeskError
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
    sequences = [filled.add_card_status(cards([1]), at=NOW + DAY, new_base=True).sequence for _ in range(3)]
    filled.folder.staged.forget("card-status/base.list")
    sequences.append(filled.add_card_status(cards([1]), at=NOW + DAY).sequence)
    assert sequences == [2, 3, 4, 5]


def test_a_damaged_memory_of_sequences_is_no_reason_to_begin_anew(filled: Desk, cards: Cards) -> None:
    filled.folder.card_status_path.write_text("{")
    with pytest.raises(DeskError, match="twice"):
        filled.add_card_status(cards([1]), at=NOW + DAY)


def test_when_the_next_list_comes_can_be_said(filled: Desk, cards: Cards) -> None:
    filled.add_card_status(cards([1]), at=NOW + DAY, next_update_days=7, new_base=True)
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
    assert filled.add_card_status(cards([1]), at=NOW + DAY).sequence == 2


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
    change = filled.add_card_status(cards(range(3), "revoked"), at=NOW + DAY)
    assert change.states == {"revoked": 3}
    filled.publish(at=NOW + DAY)
    journal = (filled.folder.path / "journal.jsonl").read_text()
    assert not any(hash_of(card).hex()[:16] in journal for card in range(3))
    assert json.loads(journal.splitlines()[-1])["counts"] == {"removed": 0}

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.errors import FaultyTable, InvalidInput
from verifier.sdk.publishing import (
    CardState,
    CardStatusEntry,
    CardStatusList,
    build_card_status_list,
    read_card_status_csv,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HANOI = timezone(timedelta(hours=7))
HEADINGS = "hash,state,since,reason"


def digest(number):
    return sha256(str(number).encode()).hexdigest()


def read(*rows, headings=HEADINGS):
    return list(read_card_status_csv([headings, *rows]))


def faults_of(*rows, headings=HEADINGS):
    with pytest.raises(FaultyTable) as raised:
        read(*rows, headings=headings)
    return raised.value.faults


def entry(number, state, since):
    return CardStatusEntry(bytes.fromhex(digest(number))[:16], state, since)


def test_cards_that_are_not_good_are_entries_and_the_others_are_passed_over():
    rows = [
        f"{digest(1)},revoked,2026-03-01,Left the Party",
        f"{digest(2)},good,,",
        f"{digest(3)[:32]},suspended,2026-03-01T08:30:00+07:00,",
        f"{digest(4).upper()},lost,2026-03-01T08:30:00Z,Reported by telephone",
        f"{digest(5)}, Good ,2026-03-01,once lost",
        f" {digest(6)} , LOST , 2026-03-01 ,",
    ]
    march = datetime(2026, 3, 1, tzinfo=UTC)
    assert read(*rows) == [
        entry(1, CardState.REVOKED, march),
        entry(3, CardState.SUSPENDED, datetime(2026, 3, 1, 8, 30, tzinfo=HANOI)),
        entry(4, CardState.LOST, datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        entry(6, CardState.LOST, march),
    ]


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        ("hash,state,since,reason", "{},lost,2026-03-01,"),
        ("hash,state,since", "{},lost,2026-03-01"),
        ("reason,since,state,hash", ",2026-03-01,lost,{}"),
        ("since;hash;reason;state", "2026-03-01;{};a, b, c;lost"),
        ("\ufeffhash;state;since;reason", '{};"lost";2026-03-01;"a; ""b"""'),
        (' Hash , STATE,"since",Reason', "{},lost,2026-03-01,"),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_columns_are_found_by_their_headings(headings, row, end):
    lines = [headings + end, row.format(digest(1)) + end, end]
    assert list(read_card_status_csv(lines)) == [entry(1, CardState.LOST, datetime(2026, 3, 1, tzinfo=UTC))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_is_read_line_by_line_into_a_signed_list(tmp_path, encoding):
    path = tmp_path / "register.csv"
    rows = [f'{digest(n)},{"good" if n % 4 else "revoked"},2026-03-01,"hai\r\ndòng"' for n in range(400)]
    path.write_text("\r\n".join([HEADINGS, *rows]), encoding=encoding, newline="")
    key = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
    with path.open(encoding="utf-8-sig", newline="") as file:
        encoded = build_card_status_list(read_card_status_csv(file), NOW, NOW + timedelta(days=1), 1, key)
    with CardStatusList.decode(encoded, key.public_key()) as cards:
        assert len(cards) == 100
        assert cards.status_of(bytes.fromhex(digest(8))).state is CardState.REVOKED
        assert cards.status_of(bytes.fromhex(digest(9))) is None


def test_a_table_without_rows_has_no_entries():
    assert read() == []
    assert read("", ",,,", " , ,,") == []


A_HASH = "a hash is 32 or 64 hexadecimal digits"
A_TIME = "since when is a date, YYYY-MM-DD, or a time with a zone, as 2026-03-01T08:00:00+07:00"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (f"{digest(1)[:-1]},lost,2026-03-01,", A_HASH),
        (f"{digest(1)[:-2]},lost,2026-03-01,", A_HASH),
        (f"{digest(1)[:-2]}zz,lost,2026-03-01,", A_HASH),
        (f"{digest(1)[:30]} {digest(1)[:1]},lost,2026-03-01,", A_HASH),
        (f"{digest(1)[:32]}{' ' * 16}{digest(1)[:16]},lost,2026-03-01,", A_HASH),
        (",lost,2026-03-01,", A_HASH),
        (f"{digest(1)},stolen,2026-03-01,", "a state is one of good, revoked, suspended, lost"),
        (f"{digest(1)},,2026-03-01,", "a state is one of good, revoked, suspended, lost"),
        (f"{digest(1)},1,2026-03-01,", "a state is one of good, revoked, suspended, lost"),
        (f"{digest(1)},lost,,", A_TIME),
        (f"{digest(1)},lost,01/03/2026,", A_TIME),
        (f"{digest(1)},lost,2026-02-30,", A_TIME),
        (f"{digest(1)},lost,2026-W09-1,", A_TIME),
        (f"{digest(1)},lost,20260301,", A_TIME),
        (f"{digest(1)},lost,2026-03-01T08:00:00,", A_TIME),
        (f"{digest(1)},lost,2026-03-01T25:00:00Z,", A_TIME),
        (f"{digest(1)},lost,٢٠٢٦-03-01,", A_TIME),
        (f"{digest(1)},lost,1969-12-31,", "since when lies between 1970 and 2106"),
        (f"{digest(1)},lost,2110-01-01,", "since when lies between 1970 and 2106"),
        (f"{digest(1)},lost,0001-01-01T00:00:00+14:00,", "since when lies between 1970 and 2106"),
        (f"{digest(1)},lost,9999-12-31T23:59:59-14:00,", "since when lies between 1970 and 2106"),
        (f"{digest(1)},lost,2026-03-01", "it has 3 cells, under 4 headings"),
        (f"{digest(1)},lost,2026-03-01,,", "it has 5 cells, under 4 headings"),
        (f"{digest(1)},good", "it has 2 cells, under 4 headings"),
    ],
)
def test_a_faulty_row_is_named_by_its_line_and_its_hash_is_not_repeated(row, sentence):
    faults = faults_of(f"{digest(0)},good,,", row)
    assert faults == ((3, sentence),)
    with pytest.raises(FaultyTable) as raised:
        read(f"{digest(0)},good,,", row)
    assert raised.value.sentence == f"1 fault in the table of cards: line 3: {sentence}"
    assert digest(1)[:8] not in str(raised.value)


def test_all_faults_are_told_together_and_nothing_is_yielded_after_the_first():
    rows = [f"{digest(1)},lost,2026-03-01,", "x,y,z,", f"{digest(2)},good,,", f"{digest(3)},lost,never,"]
    entries = read_card_status_csv([HEADINGS, *rows, f"{digest(4)},lost,2026-03-01,"])
    assert next(entries) == entry(1, CardState.LOST, datetime(2026, 3, 1, tzinfo=UTC))
    with pytest.raises(FaultyTable) as raised:
        next(entries)
    assert [line for line, _ in raised.value.faults] == [3, 3, 3, 5]
    assert raised.value.sentence.startswith("4 faults in the table of cards: line 3: ")
    assert raised.value.sentence.endswith("; and 1 more")


def test_a_card_that_is_there_twice_is_told_with_both_lines():
    faults = faults_of(f"{digest(1)},lost,2026-03-01,", f"{digest(2)},good,,", f"{digest(1)[:32]},revoked,2026-03-01,")
    assert faults == ((4, "this card stands on line 2 already"),)


def test_of_a_table_full_of_faults_the_first_hundred_are_told_and_the_rest_is_not_read():
    endless = (f"{number},lost,2026-03-01," for number in count())
    with pytest.raises(FaultyTable, match="at least 100 faults") as raised:
        list(read_card_status_csv(line for lines in ([HEADINGS], endless) for line in lines))
    assert [line for line, _ in raised.value.faults] == list(range(2, 102))
    assert len(raised.value.sentence) < 400


@pytest.mark.parametrize(
    ("headings", "sentence"),
    [
        ("", "missing: hash, state, since"),
        ("hash\tstate\tsince", "missing: hash, state, since"),
        ("hash,state,reason", "missing: since"),
        ("hash,state,since,since", "a column stands there twice, or is none of"),
        ("hash,state,since,name", "a column stands there twice, or is none of"),
        ("hash,state,since,", "a column stands there twice, or is none of"),
        (f"{digest(1)},lost,2026-03-01,", "missing: hash, state, since"),
    ],
)
def test_other_headings_are_refused_before_any_row_is_read(headings, sentence):
    ((line, told),) = faults_of("junk", headings=headings)
    assert line == 1
    assert sentence in told
    assert digest(1) not in told


def test_nothing_at_all_is_no_table():
    with pytest.raises(FaultyTable):
        list(read_card_status_csv([]))


def test_quotation_marks_that_never_close_end_the_table():
    rows = [f"{digest(n)},good,," for n in range(5)]
    assert faults_of("x,lost,2026-03-01,", f'{digest(1)},good,,"open', *rows) == (
        (2, A_HASH),
        (8, "from here on the quotation marks or cells make no table"),
    )


def test_text_that_is_not_utf_8_is_told(tmp_path):
    path = tmp_path / "register.csv"
    path.write_bytes(f"{HEADINGS}\n{digest(1)},lost,2026-03-01,".encode() + "Mất".encode("cp1258", "replace") + b"\xff")
    with path.open(encoding="utf-8-sig", newline="") as file, pytest.raises(FaultyTable, match="not UTF-8"):
        list(read_card_status_csv(file))


@pytest.mark.parametrize("lines", [HEADINGS, HEADINGS.encode()])
def test_one_text_is_not_taken_for_lines(lines):
    with pytest.raises(InvalidInput, match="not one text"):
        read_card_status_csv(lines)


def test_lines_of_bytes_are_refused_with_what_to_do():
    with pytest.raises(InvalidInput, match="utf-8-sig"):
        list(read_card_status_csv([HEADINGS.encode()]))

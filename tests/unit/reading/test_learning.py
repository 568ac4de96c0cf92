"""What readings learn about types of card: fewer commands the next time, and nothing about any card or person."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from verifier.access.chip.chip_authentication import choose_chip_authentication, verify_chip_authentication
from verifier.access.password import CanPassword, MrzPassword
from verifier.access.proofs import AccessProtocol, AccessRecord
from verifier.errors import CardRefused, InvalidInput
from verifier.evidence.record import Evidence
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import perform
from verifier.iso7816.tlv import encode
from verifier.lds.dg14 import DataGroup14
from verifier.lds.elementary_files import DG1, DG14
from verifier.reading.card_types import RELEARN_AFTER, CardTraits, CardTypeMemory, fingerprint_of
from verifier.reading.file_reader import NO_SUCH_WAY, FileReader
from verifier.reading.options import ReadingOptions
from verifier.reading.profiles import BUILT_IN_PROFILES
from verifier.reading.session import Session
from verifier.reading.wire import Wire
from verifier.sdk.testing import Behaviour, VirtualChip
from verifier.transport.recorded import RecordingConnection

MakeChip = Callable[..., VirtualChip]
Read = Callable[..., Evidence]
SHORT_ONLY = Behaviour(extended_length=False)


def commands(read: Read, chip: VirtualChip, password: object, options: ReadingOptions, **more: object) -> list[str]:
    chip.reset()
    recording = RecordingConnection(chip)
    read(recording, password, options, **more)
    return [step.header.hex() for step in recording.trace.steps]


def with_file(chip: VirtualChip, name: str, content: bytes, **options: object) -> VirtualChip:
    return VirtualChip(replace(chip.data, files=dict(chip.data.files) | {name: content}), **options)


def test_the_second_card_of_a_type_without_extended_length_is_not_asked_for_it(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    options = ReadingOptions(memory=CardTypeMemory())
    first = commands(read, make_chip(behaviour=SHORT_ONLY), can, options)
    second = commands(read, make_chip(behaviour=SHORT_ONLY), can, options)
    never_tried = commands(read, make_chip(behaviour=SHORT_ONLY), can, ReadingOptions(extended_length=False))
    assert second == never_tried
    # EF.ATR/INFO, the refused attempt, the master file and one whole session less: PACE (5), SELECT, and the refusal.
    assert len(first) - len(second) == 9
    assert second.count("0022c1a4") == 1


def test_a_bac_card_is_known_by_its_profile(make_chip: MakeChip, read: Read, mrz: MrzPassword) -> None:
    options = ReadingOptions(memory=CardTypeMemory())
    chip = make_chip(behaviour=SHORT_ONLY, pace_curve=None, chip_authentication_curve=None)
    first, second = (commands(read, chip, mrz, options) for _ in range(2))
    assert len(first) - len(second) == 5  # SELECT, BAC (2), the refusal, and the master file.
    other = commands(read, chip, mrz, options, profile=BUILT_IN_PROFILES["vn-cccd"])
    assert len(other) == len(first)


def test_without_a_memory_nothing_is_learned_and_nothing_more_is_asked(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    chip = make_chip(behaviour=SHORT_ONLY)
    first, second = (commands(read, chip, can, ReadingOptions()) for _ in range(2))
    assert first == second
    assert "00b08100" not in first


def test_a_card_that_names_its_limits_is_believed_and_asked_once(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    limits = encode(0x02, (1_000).to_bytes(2)) * 2
    memory = CardTypeMemory()
    chip = with_file(make_chip(), "EF.ATR/INFO", encode(0x47, b"\x84\x01\xe0") + encode(0x7F66, limits))
    responses: list[int] = []

    class Measured:
        def transmit(self, command: CommandApdu) -> ResponseApdu:
            response = chip.transmit(command)
            responses.append(len(response.data) + 2)
            return response

    evidence = read(Measured(), can, ReadingOptions(memory=memory))
    assert evidence.files["EF.SOD"] == chip.data.files["EF.SOD"]
    assert "EF.ATR/INFO" not in evidence.files
    assert 900 < max(responses) <= 1_000
    assert commands(read, chip, can, ReadingOptions(memory=memory)).count("00b08100") == 0


@pytest.mark.parametrize("claim", [0, 3, 60])
def test_a_card_that_claims_to_answer_next_to_nothing_is_read_in_short_commands(
    make_chip: MakeChip, read: Read, can: CanPassword, claim: int
) -> None:
    chip = with_file(make_chip(), "EF.ATR/INFO", encode(0x7F66, encode(0x02, bytes([claim])) * 2))
    headers = commands(read, chip, can, ReadingOptions(memory=CardTypeMemory()))
    assert headers.count("0cb000df") == 1
    assert len(headers) < 40


def test_a_card_that_says_it_lacks_extended_length_is_not_tried_at_all(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    chip = with_file(make_chip(behaviour=SHORT_ONLY), "EF.ATR/INFO", encode(0x47, b"\x84\x01\x80"))
    assert commands(read, chip, can, ReadingOptions(memory=CardTypeMemory())).count("0022c1a4") == 1


@pytest.mark.parametrize("answer", [b"", b"\x61\x01", b"\x47\x80", b"\xff" * 40])
def test_nonsense_in_the_place_of_the_limits_tells_nothing(
    make_chip: MakeChip, read: Read, can: CanPassword, answer: bytes
) -> None:
    chip = with_file(make_chip(), "EF.ATR/INFO", answer)
    assert read(chip, can, ReadingOptions(memory=CardTypeMemory())).chip_authentication is not None


# --- short file identifiers ---------------------------------------------------------------------------------------


NO_SHORT = Behaviour(short_identifiers=False)


def test_a_card_that_knows_no_short_identifiers_is_read_by_selection(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    memory = CardTypeMemory()
    chip = make_chip(behaviour=NO_SHORT)
    first, second = (commands(read, chip, can, ReadingOptions(memory=memory)) for _ in range(2))
    assert first.count("0ca4020c") == second.count("0ca4020c") == 4  # EF.SOD, DG1, DG14; the proof
    # EF.SOD by a short identifier and EF.ATR/INFO are not asked for again.
    assert (first.count("0cb09d00"), second.count("0cb09d00")) == (1, 0)
    assert len(first) - len(second) == 2


def test_a_card_that_ends_the_session_over_a_short_identifier_is_opened_once_more(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    behaviour = Behaviour(short_identifiers=False, errors_in_the_clear=True)
    memory = CardTypeMemory()
    chip = make_chip(behaviour=behaviour)
    evidence = read(chip, can, ReadingOptions(memory=memory))
    assert {"EF.SOD", "DG1"} <= set(evidence.files)
    assert evidence.chip_authentication is not None
    offer = choose_chip_authentication(DataGroup14.decode(evidence.files["DG14"]).security_infos)
    assert offer is not None
    assert verify_chip_authentication(evidence.chip_authentication, *offer)
    again = commands(read, chip, can, ReadingOptions(memory=memory))
    assert again.count("0022c1a4") == 1


def test_a_remembered_selection_is_used_even_where_short_identifiers_work(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    chip = make_chip()
    memory = CardTypeMemory()
    fingerprint = fingerprint_of("icao-mrtd", chip.data.files["EF.CardAccess"])
    memory.learn(fingerprint, CardTraits(short_identifiers=False, atr_info_looked_at=True))
    assert commands(read, chip, can, ReadingOptions(memory=memory)).count("0ca4020c") == 4
    locked = VirtualChip(replace(chip.data, locked=frozenset({"EF.SOD"})))
    assert read(locked, can, ReadingOptions(memory=memory)).refused == {"EF.SOD": 0x6982}


class OpenCard:
    """A card without any lock and with one file, that knows one of the two ways to it."""

    def __init__(self, *, short: bool, refusal: int) -> None:
        self.short, self.refusal, self.headers = short, refusal, list[str]()

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        self.headers.append(command.header.hex())
        is_short = command.ins == 0xB0 and bool(command.p1 & 0x80)
        if command.ins == 0xA4 or is_short:
            known = is_short == self.short
            return ResponseApdu(b"\x61\x01\x00" if known and is_short else b"", 0x9000 if known else self.refusal)
        return ResponseApdu(b"\x61\x01\x00", 0x9000)


@pytest.mark.parametrize("refusal", sorted(NO_SUCH_WAY))
@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("believed", [True, False])
def test_a_wrong_belief_about_the_way_to_a_file_costs_one_command(*, short: bool, believed: bool, refusal: int) -> None:
    card = OpenCard(short=short, refusal=refusal)
    session = Session(AccessRecord(AccessProtocol.OPEN, None), None, True)
    reader = FileReader(session, Wire(), lambda *_: None, believed, None)
    for file in (DG1, DG14):
        assert perform(reader.read(file), card) == b"\x61\x01\x00"
    assert reader.short_identifiers is short
    assert len(card.headers) == (2 if short else 4) + (short is not believed)


def test_a_file_that_is_given_in_neither_way_is_refused_with_the_first_answer() -> None:
    class Refusing:
        def transmit(self, command: CommandApdu) -> ResponseApdu:
            return ResponseApdu(b"", 0x6A82 if command.ins == 0xB0 else 0x6D00)

    session = Session(AccessRecord(AccessProtocol.OPEN, None), None, True)
    reader = FileReader(session, Wire(), lambda *_: None, True, None)
    with pytest.raises(CardRefused) as raised:
        perform(reader.read(DG1), Refusing())
    assert raised.value.status == 0x6A82
    assert not reader.confirmed


# --- what was learned and is wrong --------------------------------------------------------------------------------


def test_a_wrong_belief_in_extended_length_is_put_right_in_the_same_reading(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    chip = make_chip(behaviour=SHORT_ONLY)
    memory = CardTypeMemory()
    fingerprint = fingerprint_of("icao-mrtd", chip.data.files["EF.CardAccess"])
    memory.learn(fingerprint, CardTraits(extended_length=True, max_response=4096, atr_info_looked_at=True))
    assert read(chip, can, ReadingOptions(memory=memory)).chip_authentication is not None
    assert memory.recall(fingerprint).extended_length is False


def test_a_wrong_belief_that_only_slows_down_is_dropped_after_a_while(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    chip = make_chip()
    memory = CardTypeMemory()
    fingerprint = fingerprint_of("icao-mrtd", chip.data.files["EF.CardAccess"])
    memory.learn(fingerprint, CardTraits(extended_length=False))
    recalled = [memory.recall(fingerprint).extended_length for _ in range(RELEARN_AFTER)]
    assert recalled == [False] * (RELEARN_AFTER - 1) + [None]
    read(chip, can, ReadingOptions(memory=memory))
    assert memory.recall(fingerprint).extended_length is True


def test_a_reader_without_extended_length_teaches_nothing_about_cards(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    chip = make_chip()
    memory = CardTypeMemory()
    read(chip, can, ReadingOptions(memory=memory, extended_length=False))
    traits = memory.recall(fingerprint_of("icao-mrtd", chip.data.files["EF.CardAccess"]))
    assert traits.extended_length is None
    assert traits.short_identifiers is True


# --- the memory itself --------------------------------------------------------------------------------------------


def test_nothing_of_a_card_or_a_person_is_remembered(make_chip: MakeChip, read: Read, can: CanPassword) -> None:
    memory = CardTypeMemory()
    evidence = read(make_chip(), can, ReadingOptions(memory=memory))
    other = read(make_chip(), can, ReadingOptions(memory=memory))
    assert evidence.files["DG14"] != other.files["DG14"]
    assert len(memory) == 1
    (traits,) = (memory.recall(fingerprint_of("icao-mrtd", evidence.files["EF.CardAccess"])),)
    assert traits == CardTraits(
        extended_length=True,
        short_identifiers=True,
        atr_info_looked_at=True,
        pace_oid=evidence.access.pace_oid,
        pace_parameter_id=evidence.access.pace_parameter_id,
    )
    assert len(memory.to_bytes()) < 500


def test_a_memory_outlives_its_process_and_has_bounds() -> None:
    memory = CardTypeMemory(capacity=2)
    for number in range(3):
        memory.learn(f"{number:032x}", CardTraits(max_response=1000 + number))
    assert len(memory) == 2
    assert memory.recall(f"{0:032x}") == CardTraits()
    copied = CardTypeMemory.from_bytes(memory.to_bytes())
    assert copied.to_bytes() == memory.to_bytes()
    assert len(CardTypeMemory.from_bytes(memory.to_bytes(), capacity=1)) == 1
    memory.forget()
    assert len(memory) == 0
    assert repr(copied) == "CardTypeMemory(2 types)"


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"[]",
        b"{" * 2000,
        b'{"format": "thechip-card-types", "version": 2, "types": {}}',
        b'{"format": "thechip-evidence", "version": 1, "types": {}}',
        b'{"format": "thechip-card-types", "version": 1, "types": {"x": {}}}',
        CardTypeMemory().to_bytes().replace(b"{}", b'{"%b": {"extended_length": 1}}' % (b"0" * 32)),
        CardTypeMemory().to_bytes().replace(b'"types"', b'"more": 1, "types"'),
    ],
)
def test_what_is_no_memory_is_refused(encoded: bytes) -> None:
    with pytest.raises(InvalidInput):
        CardTypeMemory.from_bytes(encoded)


@pytest.mark.parametrize("capacity", [0, -1, 10_001])
def test_a_memory_without_bounds_cannot_be_made(capacity: int) -> None:
    with pytest.raises(InvalidInput):
        CardTypeMemory(capacity=capacity)


# --- a card that was read just now --------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["can", "mrz"])
def test_a_card_that_stayed_in_the_field_is_read_again_in_the_same_way(
    make_chip: MakeChip, read: Read, request: pytest.FixtureRequest, password: str
) -> None:
    chip = make_chip()
    secret: CanPassword | MrzPassword = request.getfixturevalue(password)
    first, second = read(chip, secret), read(chip, secret)
    assert second.access == first.access
    assert second.access.protocol is AccessProtocol.PACE
    assert dict(second.files) == dict(first.files)


def test_a_card_without_pace_still_says_so_to_a_card_access_number(
    make_chip: MakeChip, read: Read, can: CanPassword, mrz: MrzPassword
) -> None:
    chip = make_chip(pace_curve=None)
    for _ in range(2):
        with pytest.raises(InvalidInput, match="MRZ"):
            read(chip, can)
    for _ in range(2):
        assert read(chip, mrz).access.pace_offered is False

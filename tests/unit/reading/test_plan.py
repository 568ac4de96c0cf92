"""What the reading plan does with cards that refuse, differ, or are not what they seem."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from verifier.access.password import CanPassword, MrzPassword
from verifier.access.proofs import AccessProtocol
from verifier.errors import (
    AccessDenied,
    CardRefused,
    CardRemoved,
    ExtendedLengthRefused,
    InvalidInput,
    MalformedData,
    SecureMessagingError,
    UnsupportedFeature,
)
from verifier.evidence.record import Evidence
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.files import SELECT
from verifier.reading.options import ReadingOptions, ReadingStep
from verifier.reading.profile import CardProfile, ReadingPlan
from verifier.reading.profiles import BUILT_IN_PROFILES
from verifier.sdk.testing import ActiveAuthenticationKind, Behaviour, ChipData, CipherSuite, VirtualChip
from verifier.sdk.testing.arithmetic.curves import CURVES, draw_scalar
from verifier.transport.recorded import RecordingConnection

MakeChip = Callable[..., VirtualChip]
Read = Callable[..., Evidence]
SECRET_FILES = (("DG2", b"\x75\x01\x00"), ("DG13", b"\x6d\x01\x00"))


def altered(chip: VirtualChip, **changes: object) -> VirtualChip:
    return VirtualChip(replace(chip.data, **changes))


def without_file(data: ChipData, *names: str) -> dict[str, bytes]:
    return {name: content for name, content in data.files.items() if name not in names}


def test_the_steps_are_told_in_their_order(make_chip: MakeChip, read: Read, can: CanPassword) -> None:
    steps: list[ReadingStep] = []
    read(make_chip(), can, steps=steps)
    assert steps == list(ReadingStep)


@pytest.mark.parametrize("profile", list(BUILT_IN_PROFILES.values()), ids=list(BUILT_IN_PROFILES))
def test_no_built_in_profile_reads_a_face_or_a_family(
    make_chip: MakeChip, read: Read, can: CanPassword, profile: CardProfile
) -> None:
    chip = make_chip(more_files=SECRET_FILES, active_authentication=ActiveAuthenticationKind.ECDSA)
    recording = RecordingConnection(chip)
    evidence = read(recording, can, profile=profile)
    assert set(evidence.files) == {"EF.CardAccess", "EF.SOD", "DG1", "DG14"}
    asked_for = {step.header.hex() for step in recording.trace.steps}
    assert asked_for.isdisjoint({"0cb08200", "0cb08d00", "0cb08300", "0cb09e00"})


def test_a_profile_may_ask_for_more_and_gets_only_what_is_signed(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    profile = CardProfile("curious", "For a test", plan=ReadingPlan(data_groups=("DG1", "DG13", "DG11")))
    evidence = read(make_chip(more_files=SECRET_FILES), can, profile=profile)
    assert evidence.files["DG13"] == b"\x6d\x01\x00"
    assert "DG11" not in {*evidence.files, *evidence.refused}


def test_a_refused_file_stands_in_the_evidence(make_chip: MakeChip, read: Read, can: CanPassword) -> None:
    chip = make_chip()
    missing = read(altered(chip, files=without_file(chip.data, "DG14")), can)
    assert (missing.refused, missing.chip_authentication) == ({"DG14": 0x6A82}, None)
    locked = read(altered(chip, locked=frozenset({"DG1"})), can)
    assert locked.refused == {"DG1": 0x6982}
    assert locked.chip_authentication is not None


def test_without_a_security_object_nothing_of_the_holder_is_read(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    chip = make_chip()
    recording = RecordingConnection(altered(chip, files=without_file(chip.data, "EF.SOD")))
    evidence = read(recording, can)
    assert evidence.refused == {"EF.SOD": 0x6A82}
    assert set(evidence.files) == {"EF.CardAccess"}


def test_an_undecodable_security_object_still_comes_into_the_evidence(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    chip = make_chip()
    evidence = read(altered(chip, files=dict(chip.data.files) | {"EF.SOD": b"\x77\x02\x30\x80"}), can)
    assert evidence.files["EF.SOD"] == b"\x77\x02\x30\x80"
    assert "DG1" in evidence.files
    assert evidence.chip_authentication is None


def test_a_file_outside_secure_messaging_ends_the_reading_but_not_the_evidence(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    def leave_for_dg14(_: int, command: bytes, response: bytes) -> bytes:
        return b"\x69\x82" if command[:4] == b"\x0c\xb0\x8e\x00" else response

    chip = make_chip()
    evidence = read(VirtualChip(chip.data, tamper=leave_for_dg14), can)
    assert evidence.refused == {"DG14": 0x6982}
    assert "DG1" in evidence.files


# --- the chip's proof ---------------------------------------------------------------------------------------------


def test_a_clone_with_its_own_key_leaves_a_proof_and_no_error(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    chip = make_chip()
    (key,) = chip.data.chip_authentication
    foreign = replace(key, scalar=draw_scalar(CURVES["brainpoolP256r1"], lambda count: b"\x05" * count))
    evidence = read(altered(chip, chip_authentication=(foreign,)), can)
    assert evidence.chip_authentication is not None
    assert "chip-authentication" not in evidence.refused


def test_a_clone_that_refuses_chip_authentication_is_noted(make_chip: MakeChip, read: Read, can: CanPassword) -> None:
    evidence = read(altered(make_chip(), chip_authentication=()), can)
    assert evidence.chip_authentication is None
    assert evidence.refused == {"chip-authentication": 0x6A88}


@pytest.mark.parametrize("instruction", [0x22, 0x86])
def test_a_chip_that_leaves_the_channel_instead_of_proving_itself_is_noted(
    make_chip: MakeChip, read: Read, can: CanPassword, instruction: int
) -> None:
    def leave(_: int, command: bytes, response: bytes) -> bytes:
        return b"\x69\x85" if command[:2] == bytes([0x0C, instruction]) else response

    evidence = read(VirtualChip(make_chip().data, tamper=leave), can)
    assert evidence.refused == {"chip-authentication": 0x6985}


def test_a_clone_that_refuses_active_authentication_is_noted(make_chip: MakeChip, read: Read, mrz: MrzPassword) -> None:
    chip = make_chip(chip_authentication_curve=None, active_authentication=ActiveAuthenticationKind.ECDSA)
    evidence = read(altered(chip, active_authentication=None), mrz)
    assert evidence.refused == {"active-authentication": 0x6D00}


def test_a_card_taken_away_while_it_proves_itself_is_an_error_and_no_finding(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    class Leaving:
        def __init__(self, chip: VirtualChip, stays: int) -> None:
            self.chip, self.stays = chip, stays

        def transmit(self, command: CommandApdu) -> ResponseApdu:
            if not self.stays:
                msg = "the card left"
                raise CardRemoved(msg)
            self.stays -= 1
            return self.chip.transmit(command)

    for stays in range(13):
        with pytest.raises(CardRemoved):
            read(Leaving(make_chip(), stays), can)
    assert read(Leaving(make_chip(), 13), can).chip_authentication


def test_an_answer_forged_within_the_old_channel_is_an_error(make_chip: MakeChip, read: Read, mrz: MrzPassword) -> None:
    def forge(_: int, command: bytes, response: bytes) -> bytes:
        return response[:8] + bytes([response[8] ^ 1]) + response[9:] if command[:2] == b"\x0c\xb0" else response

    with pytest.raises(SecureMessagingError):
        read(VirtualChip(make_chip().data, tamper=forge), mrz)


def test_active_authentication_is_the_second_choice(make_chip: MakeChip, read: Read, mrz: MrzPassword) -> None:
    chip = make_chip(active_authentication=ActiveAuthenticationKind.RSA)
    both = read(chip, mrz)
    assert both.chip_authentication is not None
    assert "DG15" not in both.files
    second = read(chip, mrz, ReadingOptions(chip_authentication=False))
    assert second.active_authentication is not None
    neither = read(chip, mrz, ReadingOptions(chip_authentication=False, active_authentication=False))
    assert {"DG14", "DG15"}.isdisjoint(neither.files)


def test_a_challenge_is_answered_beside_chip_authentication(make_chip: MakeChip, read: Read, mrz: MrzPassword) -> None:
    chip = make_chip(active_authentication=ActiveAuthenticationKind.ECDSA)
    evidence = read(chip, mrz, ReadingOptions(challenge=b"question"))
    assert evidence.active_authentication is not None
    assert evidence.active_authentication.challenge == b"question"
    assert evidence.chip_authentication is not None
    assert evidence.refused == {}


def test_a_card_that_cannot_answer_a_challenge_proves_itself_otherwise(
    make_chip: MakeChip, read: Read, mrz: MrzPassword
) -> None:
    evidence = read(make_chip(), mrz, ReadingOptions(challenge=b"question"))
    assert evidence.active_authentication is None
    assert evidence.chip_authentication is not None


@pytest.mark.parametrize("challenge", [b"", b"seven..", b"nine.....", "question", bytearray(8)])
def test_a_challenge_is_eight_bytes(challenge: object) -> None:
    with pytest.raises(InvalidInput, match="8 bytes"):
        ReadingOptions(challenge=challenge)  # type: ignore[arg-type]


# --- access -------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_tried_once(make_chip: MakeChip, read: Read) -> None:
    for password in (CanPassword("654321"), MrzPassword("000000000", "900101", "300101")):
        recording = RecordingConnection(make_chip())
        with pytest.raises(AccessDenied):
            read(recording, password)
        assert [step.header.hex() for step in recording.trace.steps].count("0022c1a4") == 1
        assert "00820000" not in [step.header.hex() for step in recording.trace.steps]


def test_a_locked_card_access_file_means_bac(make_chip: MakeChip, read: Read, mrz: MrzPassword) -> None:
    chip = make_chip(behaviour=Behaviour(card_access_locked=True, select_master_file=False))
    evidence = read(chip, mrz, profile=BUILT_IN_PROFILES["vn-cccd"])
    assert (evidence.access.protocol, evidence.access.pace_offered) == (AccessProtocol.BAC, False)
    assert evidence.chip_authentication is not None


def test_a_card_without_short_identifiers_is_asked_for_card_access_by_select(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    def no_short_identifier(_: int, command: bytes, response: bytes) -> bytes:
        return b"\x6a\x86" if command[:3] == b"\x00\xb0\x9c" else response

    evidence = read(VirtualChip(make_chip().data, tamper=no_short_identifier), can)
    assert evidence.access.protocol is AccessProtocol.PACE


def test_a_card_access_file_that_is_none_is_no_reason_for_bac(
    make_chip: MakeChip, read: Read, mrz: MrzPassword
) -> None:
    chip = make_chip()
    with pytest.raises(MalformedData):
        read(altered(chip, files=dict(chip.data.files) | {"EF.CardAccess": b"\x31\x02\x30\x00"}), mrz)


def test_a_card_access_number_does_not_open_a_card_with_bac_only(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    with pytest.raises(InvalidInput, match="MRZ"):
        read(make_chip(pace_curve=None), can)
    with pytest.raises(InvalidInput, match="MRZ"):
        read(make_chip(), can, ReadingOptions(access=(AccessProtocol.BAC,)))


@pytest.mark.parametrize("status", [0x6F00, 0x6D00, 0x6A82, 0x6982])
@pytest.mark.parametrize("selectable", [False, True])
def test_a_card_that_refuses_everything_is_at_fault_and_not_the_password(
    read: Read, can: CanPassword, mrz: MrzPassword, status: int, selectable: bool
) -> None:
    class Refusing:
        def transmit(self, command: CommandApdu) -> ResponseApdu:
            is_application = command.ins == SELECT and command.p1 == 0x04
            return ResponseApdu(b"", 0x9000 if selectable and is_application else status)

    for password in (can, mrz):
        with pytest.raises(CardRefused) as raised:
            read(Refusing(), password)
        assert raised.value.status == status


def test_pace_alone_is_not_given_up_for_bac(make_chip: MakeChip, read: Read, mrz: MrzPassword) -> None:
    with pytest.raises(UnsupportedFeature):
        read(make_chip(pace_curve=None), mrz, ReadingOptions(access=(AccessProtocol.PACE,)))


def test_bac_without_looking_for_pace_says_that_nobody_looked(
    make_chip: MakeChip, read: Read, mrz: MrzPassword
) -> None:
    evidence = read(make_chip(), mrz, ReadingOptions(access=(AccessProtocol.BAC,)))
    assert (evidence.access.protocol, evidence.access.pace_offered) == (AccessProtocol.BAC, None)


def test_a_card_without_any_lock_is_read_in_the_open(make_chip: MakeChip, read: Read, mrz: MrzPassword) -> None:
    chip = make_chip(pace_curve=None, bac=False, active_authentication=ActiveAuthenticationKind.ECDSA)
    evidence = read(chip, mrz, ReadingOptions(access=(AccessProtocol.OPEN,)))
    assert evidence.access.protocol is AccessProtocol.OPEN
    assert evidence.active_authentication is not None


def test_another_application_is_not_read(make_chip: MakeChip, read: Read, mrz: MrzPassword) -> None:
    profile = CardProfile("other", "For a test", aid=bytes.fromhex("A000000000FF01"))
    with pytest.raises(CardRefused):
        read(make_chip(), mrz, profile=profile)


# --- length -------------------------------------------------------------------------------------------------------

SHORT_ONLY = Behaviour(extended_length=False)


@pytest.mark.parametrize("cipher", [CipherSuite.AES_128, CipherSuite.TRIPLE_DES])
def test_without_extended_length_files_come_in_chunks(
    make_chip: MakeChip, read: Read, can: CanPassword, cipher: CipherSuite
) -> None:
    chip = make_chip(behaviour=SHORT_ONLY, pace_cipher=cipher)
    recording = RecordingConnection(chip)
    evidence = read(recording, can, ReadingOptions(extended_length=False))
    assert evidence.files["EF.SOD"] == chip.data.files["EF.SOD"]
    assert evidence.chip_authentication is not None
    assert max(len(step.response or b"") for step in recording.trace.steps) <= 258
    size, chunk = len(chip.data.files["EF.SOD"]), 0xDF if cipher is CipherSuite.AES_128 else 0xE7
    reads = [step for step in recording.trace.steps if step.header[:2] == b"\x0c\xb0"]
    assert reads[0].header.hex() == "0cb09d00"
    assert reads[1].header.hex() == f"0cb000{chunk:02x}"
    assert -(-size // chunk) == next(i for i, step in enumerate(reads) if step.header.hex() == "0cb08100")


@pytest.mark.parametrize("master_file", [True, False])
@pytest.mark.parametrize("pace_curve", [None, "P-256"])
def test_a_card_that_refuses_extended_length_is_opened_once_more_and_read_in_chunks(
    make_chip: MakeChip, read: Read, mrz: MrzPassword, pace_curve: str | None, master_file: bool
) -> None:
    behaviour = Behaviour(extended_length=False, select_master_file=master_file)
    chip = make_chip(behaviour=behaviour, pace_curve=pace_curve)
    recording = RecordingConnection(chip)
    evidence = read(recording, mrz)
    assert evidence.files["EF.SOD"] == chip.data.files["EF.SOD"]
    assert evidence.access.pace_offered is (pace_curve is not None)
    assert evidence.access.protocol is (AccessProtocol.PACE if pace_curve else AccessProtocol.BAC)
    assert evidence.chip_authentication is not None
    protected = [step.command for step in recording.trace.steps if step.header[0] == 0x0C]
    assert len(protected) == len(set(protected)), "a protected command was sent twice"


def test_a_card_that_refuses_short_commands_too_is_not_tried_again(
    make_chip: MakeChip, read: Read, mrz: MrzPassword
) -> None:
    def wrong_length(_: int, command: bytes, response: bytes) -> bytes:
        return b"\x67\x00" if command[:2] == b"\x0c\xb0" else response

    recording = RecordingConnection(VirtualChip(make_chip(pace_curve=None).data, tamper=wrong_length))
    evidence = read(recording, mrz)
    assert evidence.refused == {"EF.SOD": 0x6700}
    assert [step.header.hex() for step in recording.trace.steps].count("00820000") == 2


def test_an_rsa_proof_that_fits_no_short_answer_is_not_held_against_the_chip(
    make_chip: MakeChip, read: Read, mrz: MrzPassword
) -> None:
    chip = make_chip(chip_authentication_curve=None, active_authentication=ActiveAuthenticationKind.RSA)
    evidence = read(chip, mrz, ReadingOptions(extended_length=False))
    assert "DG15" in evidence.files
    assert evidence.active_authentication is None
    assert not evidence.refused


def test_a_chip_whose_key_needs_extended_length_does_not_get_out_of_it_by_refusing_that(
    make_chip: MakeChip, read: Read, mrz: MrzPassword
) -> None:
    chip = make_chip(
        chip_authentication_curve=None, active_authentication=ActiveAuthenticationKind.RSA, behaviour=SHORT_ONLY
    )
    assert read(chip, mrz).refused == {"active-authentication": 0x6700}


def test_a_file_over_which_the_card_ends_its_session_is_passed_over_and_the_chip_still_asked(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    def leave_for_dg2(_: int, command: bytes, response: bytes) -> bytes:
        return b"\x69\x82" if command[:4] == b"\x0c\xb0\x82\x00" else response

    chip = make_chip(more_files=SECRET_FILES)
    profile = CardProfile("curious", "For a test", plan=ReadingPlan(data_groups=("DG1", "DG2", "DG13")))
    evidence = read(VirtualChip(chip.data, tamper=leave_for_dg2), can, profile=profile)
    assert evidence.refused == {"DG2": 0x6982}
    assert {"DG1", "DG13", "DG14"} < set(evidence.files)
    assert evidence.chip_authentication is not None


def test_extended_length_refused_is_a_refusal_with_its_status_word() -> None:
    assert issubclass(ExtendedLengthRefused, CardRefused)

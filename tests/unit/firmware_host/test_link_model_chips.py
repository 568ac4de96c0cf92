"""What a chip calculates, told from its commands: whole sessions of the SDK with a virtual chip."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appliance.firmware_host.simulator.chip_times import FAST_CHIP, OLD_CHIP, PRESETS, ChipTimes, ChipTiming
from verifier.sdk import CanPassword, CommandApdu, MrzPassword, Password, ResponseApdu, load_profile, read
from verifier.sdk.testing import (
    ActiveAuthenticationKind,
    ChipOptions,
    CipherSuite,
    SyntheticPki,
    VirtualChip,
    invented_person,
    personalise,
)

AT = datetime(2026, 6, 1, tzinfo=UTC)
NOTHING = ChipTimes(*[0.0] * 9)
HOLDER = invented_person(1)
MRZ = MrzPassword(HOLDER.document_number, HOLDER.date_of_birth, HOLDER.date_of_expiry)
CAN = CanPassword("123456")
BAC = ChipOptions(can=None, pace_curve=None, chip_authentication_curve=None)


@pytest.fixture(scope="module")
def pki() -> SyntheticPki:
    return SyntheticPki(at=AT)


class Timed:
    """A chip, and how long it would calculate."""

    def __init__(self, chip: VirtualChip, times: ChipTimes) -> None:
        self._chip, self._timing = chip, ChipTiming(times)
        self.seconds = 0.0
        self.commands = 0

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        encoded = command.encode()
        response = self._chip.process(encoded)
        self.seconds += self._timing.seconds(encoded, response)
        self.commands += 1
        return ResponseApdu.decode(response)


def read_through(pki: SyntheticPki, times: ChipTimes, options: ChipOptions, password: Password) -> Timed:
    card = Timed(personalise(pki.issue_document_signer(), HOLDER, options=options), times)
    read(card, profile=load_profile("party-card"), password=password, at=AT)
    return card


def test_pace_is_two_key_pairs_and_three_multiplications_and_chip_authentication_one_more(pki: SyntheticPki) -> None:
    times = replace(NOTHING, key_pair_s=100.0, point_multiplication_s=1.0)
    assert read_through(pki, times, ChipOptions(), CAN).seconds == 204.0


def test_chip_authentication_by_3des_is_one_command_and_counts_as_well(pki: SyntheticPki) -> None:
    options = ChipOptions(can=None, pace_curve=None, chip_authentication_cipher=CipherSuite.TRIPLE_DES)
    times = replace(NOTHING, key_pair_s=100.0, point_multiplication_s=1.0)
    assert read_through(pki, times, options, MRZ).seconds == 1.0


@pytest.mark.parametrize(
    ("kind", "bits", "expected"),
    [
        (ActiveAuthenticationKind.RSA, 1024, 1.0),
        (ActiveAuthenticationKind.RSA, 2048, 10.0),
        (ActiveAuthenticationKind.ECDSA, 1024, 100.0),
    ],
)
def test_active_authentication_is_one_signature_of_its_key(
    pki: SyntheticPki, kind: ActiveAuthenticationKind, bits: int, expected: float
) -> None:
    options = replace(BAC, active_authentication=kind, active_authentication_rsa_bits=bits)
    times = replace(NOTHING, rsa_1024_s=1.0, rsa_2048_s=10.0, ecdsa_s=100.0)
    assert read_through(pki, times, options, MRZ).seconds == expected


def test_every_command_costs_its_own_time(pki: SyntheticPki) -> None:
    card = read_through(pki, replace(NOTHING, command_s=1.0), ChipOptions(), CAN)
    assert card.seconds == card.commands == 13


def test_a_channel_costs_by_its_cipher(pki: SyntheticPki) -> None:
    times = replace(NOTHING, aes_byte_s=1.0, des_byte_s=1_000_000.0)
    assert 1000 < read_through(pki, times, ChipOptions(), CAN).seconds < 10_000, "PACE opens one of AES"
    bac = read_through(pki, times, replace(BAC, active_authentication=ActiveAuthenticationKind.RSA), MRZ).seconds
    assert bac > 1_000_000_000
    assert bac % 1_000_000 == 0, "BAC one of 3DES and nothing else"


def test_a_chip_without_power_forgets_its_channel() -> None:
    timing = ChipTiming(replace(NOTHING, des_byte_s=1.0))
    external_authenticate, protected = bytes.fromhex("0082000000"), bytes.fromhex("0cb0000000")
    assert timing.seconds(external_authenticate, b"") == timing.seconds(protected, b"") == 5.0
    timing.reset()
    assert timing.seconds(protected, b"") == 0.0


@pytest.mark.parametrize("command", ["", "00", "0086", "0086000000", "00860000027c00", "10860000037c0181"])
def test_whatever_is_sent_costs_at_least_nothing(command: str) -> None:
    assert ChipTiming(FAST_CHIP).seconds(bytes.fromhex(command), b"") >= FAST_CHIP.command_s


def test_an_old_chip_is_slower_in_everything() -> None:
    assert PRESETS == {"fast chip 2020s": FAST_CHIP, "old chip": OLD_CHIP}
    for part in ChipTimes.__dataclass_fields__:
        assert getattr(OLD_CHIP, part) > getattr(FAST_CHIP, part), part

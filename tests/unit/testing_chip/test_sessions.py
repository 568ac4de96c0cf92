"""Whole sessions of the reader's code with the virtual chip; thousands of seeded ones are in ``scripts/sessions``."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from verifier.access.chip.chip_authentication import authenticate_chip, read_with_proof, verify_chip_authentication
from verifier.access.pace.establishment import establish_pace
from verifier.access.password import CanPassword, MrzPassword
from verifier.access.secure_messaging import SecureMessaging
from verifier.iso7816.exchange import perform, through
from verifier.iso7816.files import read_by_short_identifier, select_application
from verifier.lds.card_access import CardAccess
from verifier.lds.dg14 import DataGroup14
from verifier.sdk.testing import (
    CURVES,
    ChipOptions,
    CipherSuite,
    SyntheticPki,
    VirtualChip,
    personalise,
    write_chip_data,
)
from verifier.sdk.testing.arithmetic.curves import draw_scalar, scalar_with_leading_zero
from verifier.sdk.testing.card_side.file_system import LDS1_APPLICATION
from verifier.sdk.testing.misbehaving import Scene


@dataclass
class Session:
    """A chip, opened; and the randomness of both sides."""

    chip: VirtualChip
    seeded: random.Random
    channel: SecureMessaging

    def read(self, short_identifier: int) -> bytes:
        return perform(through(self.channel, read_by_short_identifier(short_identifier)), self.chip)


def open_with_pace(chip: VirtualChip, seeded: random.Random, *, by_can: bool) -> Session:
    card_access = CardAccess.decode(perform(read_by_short_identifier(0x1C), chip))
    password = CanPassword(chip.data.can or "") if by_can else MrzPassword.from_mrz(chip.data.mrz)
    channel = perform(establish_pace(card_access.security_infos.pace[0], password, seeded.randbytes), chip).channel
    perform(through(channel, select_application(LDS1_APPLICATION)), chip)
    return Session(chip, seeded, channel)


def prove_by_chip_authentication(session: Session, *, leading_zero: bool) -> None:
    infos = DataGroup14.decode(session.read(0x0E)).security_infos
    key = session.chip.data.chip_authentication[0]
    scalar = draw_scalar(key.curve, session.seeded.randbytes)
    if leading_zero:
        scalar = scalar_with_leading_zero(key.curve, key.public_point, scalar)
        assert key.curve.encode_x(key.curve.multiply(scalar, key.public_point))[0] == 0
    info, public_key = infos.chip_authentication[0], infos.chip_authentication_public_keys[0]
    channel = perform(authenticate_chip(session.channel, info, public_key, scalar.to_bytes), session.chip)
    sod, proof = perform(read_with_proof(channel, read_by_short_identifier(0x1D)), session.chip)
    assert sod == session.chip.data.files["EF.SOD"]
    assert verify_chip_authentication(proof, info, public_key)


@pytest.mark.parametrize("cipher", CipherSuite)
@pytest.mark.parametrize("curve", CURVES)
def test_every_curve_goes_with_every_cipher(curve: str, cipher: CipherSuite, scene: Scene) -> None:
    options = ChipOptions(
        pace_curve=curve, pace_cipher=cipher, chip_authentication_curve=curve, chip_authentication_cipher=cipher
    )
    chip = personalise(scene.signer, scene.holder, options=options)
    session = open_with_pace(chip, random.Random(curve), by_can=True)
    prove_by_chip_authentication(session, leading_zero=True)


def test_a_seeded_chip_answers_the_same_bytes_again(
    seeded: Callable[[int], Callable[[int], bytes]], scene: Scene
) -> None:
    def transcript() -> list[bytes]:
        answers: list[bytes] = []

        def record(_count: int, _command: bytes, response: bytes) -> bytes:
            answers.append(response)
            return response

        pki = SyntheticPki(at=scene.at, random=seeded(1))
        data = write_chip_data(pki.issue_document_signer(), scene.holder, random=seeded(2))
        chip = VirtualChip(data, random=seeded(3), tamper=record)
        open_with_pace(chip, random.Random(4), by_can=True).read(0x1D)
        return answers

    assert transcript() == transcript()

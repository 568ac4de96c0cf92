"""Whole sessions of the reader's code with the virtual chip, seeded, with leading zeros forced in a share of them.

300 sessions in the ordinary run; ``THECHIP_SESSIONS=1000`` asks for more.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from verifier.access.active_authentication import authenticate_actively, verify_active_authentication
from verifier.access.bac import establish_bac
from verifier.access.chip_authentication import authenticate_chip, read_with_proof, verify_chip_authentication
from verifier.access.pace import establish_pace
from verifier.access.password import CanPassword, MrzPassword
from verifier.access.secure_messaging import SecureMessaging
from verifier.iso7816.exchange import perform, through
from verifier.iso7816.files import read_by_short_identifier, select_application
from verifier.lds.card_access import CardAccess
from verifier.lds.dg14 import DataGroup14
from verifier.lds.dg15 import DataGroup15
from verifier.sdk.testing import (
    CURVES,
    ActiveAuthenticationKind,
    ChipOptions,
    CipherSuite,
    DocumentSigner,
    SyntheticPki,
    VirtualChip,
    any_scalar,
    invented_person,
    leading_zero_in_public_key,
    leading_zero_in_secret,
    personalise,
    write_chip_data,
)
from verifier.sdk.testing.curves import draw_scalar, scalar_with_leading_zero
from verifier.sdk.testing.file_system import LDS1_APPLICATION
from verifier.sdk.testing.misbehaving import Scene

SESSIONS = int(os.environ.get("THECHIP_SESSIONS", "300"))
SHARDS = 10
# The large curves take ten times as long: they come less often, and each of them in the test of combinations below.
CURVE_NAMES = ["P-256", "brainpoolP256r1"] * 6 + ["P-384", "brainpoolP384r1", "P-521", "brainpoolP512r1"]
EXTENDED = 65_536


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
    channel = perform(establish_pace(card_access.security_infos.pace[0], password, seeded.randbytes), chip)
    perform(through(channel, select_application(LDS1_APPLICATION)), chip)
    return Session(chip, seeded, channel)


def open_with_bac(chip: VirtualChip, seeded: random.Random) -> Session:
    perform(select_application(LDS1_APPLICATION), chip)
    channel = perform(establish_bac(MrzPassword.from_mrz(chip.data.mrz), seeded.randbytes), chip)
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


def prove_by_active_authentication(session: Session) -> None:
    public_key = DataGroup15.decode(session.read(0x0F)).public_key
    exchange = authenticate_actively(session.seeded.randbytes, le=EXTENDED)
    proof = perform(through(session.channel, exchange), session.chip)
    infos = DataGroup14.decode(session.read(0x0E)).security_infos if "DG14" in session.chip.data.files else None
    algorithms = infos.active_authentication if infos else ()
    assert verify_active_authentication(proof, public_key, algorithms[0] if algorithms else None)


def run_session(seed: int, signer: DocumentSigner) -> None:
    seeded = random.Random(seed)
    active = seed % 5 == 0
    options = ChipOptions(
        pace_curve=seeded.choice(CURVE_NAMES),
        pace_cipher=seeded.choice(list(CipherSuite)),
        chip_authentication_curve=None if active else seeded.choice(CURVE_NAMES),
        chip_authentication_cipher=seeded.choice(list(CipherSuite)),
        chip_authentication_key_id=seeded.choice([None, 1, 7, 200]),
        active_authentication=seeded.choice(list(ActiveAuthenticationKind)) if active else None,
        active_authentication_hash=seeded.choice(["SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"]),
        explicit_parameters=seeded.random() < 0.3,
    )
    chooser = seeded.choice([any_scalar, leading_zero_in_secret, leading_zero_in_public_key])
    data = write_chip_data(signer, invented_person(seed % 90 + 1), options=options, random=seeded.randbytes)
    chip = VirtualChip(data, random=seeded.randbytes, choose_scalar=chooser)
    if seeded.random() < 0.2:
        session = open_with_bac(chip, seeded)
    else:
        session = open_with_pace(chip, seeded, by_can=seeded.random() < 0.5)
    assert session.read(0x01) == data.files["DG1"]
    if active:
        prove_by_active_authentication(session)
    else:
        prove_by_chip_authentication(session, leading_zero=seeded.random() < 0.5)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_seeded_sessions_succeed_with_and_without_leading_zeros(shard: int, scene: Scene) -> None:
    for seed in range(shard, SESSIONS, SHARDS):
        try:
            run_session(seed, scene.signer)
        except Exception as error:
            error.add_note(f"in the session of seed {seed}")
            raise


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

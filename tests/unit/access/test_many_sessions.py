"""Many whole sessions: PACE, Chip Authentication and Active Authentication, a share of them with forced leading zeros.

Leading zeros in a secret or a point come up by themselves once in 256 sessions, and a peer that strips them fails then.
``THECHIP_SESSIONS=1000`` runs a thousand; the ordinary test run does 300.
"""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from verifier.access.active_authentication import (
    authenticate_actively,
    response_length,
    verify_active_authentication,
)
from verifier.access.chip_authentication import (
    authenticate_chip,
    choose_chip_authentication,
    offer_of_proof,
    read_with_proof,
    verify_chip_authentication,
)
from verifier.access.pace import choose_pace, establish_pace
from verifier.access.password import CanPassword, MrzPassword
from verifier.iso7816.exchange import Exchange, perform, through
from verifier.iso7816.files import read_by_short_identifier, select_application
from verifier.iso7816.tlv import decode_one
from verifier.lds.card_access import CardAccess
from verifier.lds.security_infos import SecurityInfos
from verifier.sdk.testing import (
    ActiveAuthenticationKind,
    ChipData,
    CipherSuite,
    VirtualChip,
    any_scalar,
    leading_zero_in_public_key,
    leading_zero_in_secret,
)

SESSIONS = int(os.environ.get("THECHIP_SESSIONS", "300"))
SHARES = 6
CHOOSERS = (any_scalar, any_scalar, leading_zero_in_secret, leading_zero_in_public_key)
CURVES = ("P-256", "brainpoolP256r1", "P-256", "P-384", "P-256", "P-521")
CIPHERS = list(CipherSuite)


@pytest.mark.parametrize("share", range(SHARES))
def test_every_seeded_session_succeeds(chip_data, seeded, share):
    kinds = list(ActiveAuthenticationKind)
    data = [
        chip_data(
            share,
            pace_curve=CURVES[share],
            pace_cipher=CIPHERS[number],
            chip_authentication_curve=CURVES[share],
            chip_authentication_cipher=CIPHERS[number],
            active_authentication=kinds[number % 2],
        )
        for number in range(len(CIPHERS))
    ]
    for number in range(SESSIONS // SHARES):
        whole_session(data[number % len(data)], number, seeded)


def whole_session(data: ChipData, number: int, seeded: Callable[[object], Callable[[int], bytes]]) -> None:
    chip = VirtualChip(data, random=seeded(f"chip {number}"), choose_scalar=CHOOSERS[number // 4 % len(CHOOSERS)])
    random = seeded(number)
    password = MrzPassword.from_mrz(data.mrz) if number % 2 else CanPassword("123456")
    offer = choose_pace(CardAccess.decode(data.files["EF.CardAccess"]).security_infos)
    channel = perform(establish_pace(offer, password, random), chip)

    def authenticate() -> Exchange[None]:
        yield from through(channel, select_application(bytes.fromhex("A0000002471001")))
        infos = SecurityInfos.decode(decode_one((yield from through(channel, read_by_short_identifier(0x0E)))).value)
        chip_offer = choose_chip_authentication(infos)
        assert chip_offer is not None
        new = yield from authenticate_chip(channel, *chip_offer, random)
        content, proof = yield from read_with_proof(new, read_by_short_identifier(0x0F))
        assert offer_of_proof(infos, proof) == chip_offer
        assert verify_chip_authentication(proof, *chip_offer)
        public_key = decode_one(content).value
        signed = yield from through(new, authenticate_actively(random, le=response_length(public_key)))
        info = infos.active_authentication[0] if infos.active_authentication else None
        assert verify_active_authentication(signed, public_key, info)
        assert not verify_active_authentication(replace(signed, challenge=bytes(8)), public_key, info)

    perform(authenticate(), chip)

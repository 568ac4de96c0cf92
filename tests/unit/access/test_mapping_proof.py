"""The proof of PACE with chip authentication mapping; the figures are those of ICAO 9303-11 (8th ed.), Appendix I.1."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.access.chip.static_keys import CurveKey, decode_static_key
from verifier.access.groups.point_arithmetic import Point
from verifier.access.pace.mapping_proof import verify_mapping_proof
from verifier.access.proofs import PaceChipAuthenticationProof
from verifier.pki.keys.curves import CURVES_BY_OID

PROOF = PaceChipAuthenticationProof(
    oid="0.4.0.127.0.7.2.2.4.6.2",
    parameter_id=13,
    mapping_public_key=bytes.fromhex(
        "04A234236AA9B9621E8EFB73B5245C0E09D2576E5277183C1208BDD55280CAE8B3"
        "04F365713A356E65A451E165ECC9AC0AC46E3771342C8FE5AEDD092685338E23"
    ),
    chip_authentication_data=bytes.fromhex("85DC3FA93D0952BFA82F5FD189EE75BD82F11D1F0B8ED4BF5319AC9B53C426B3"),
)
BRAINPOOL = CURVES_BY_OID["1.3.36.3.3.2.8.1.1.7"]
STATIC_KEY = CurveKey(
    BRAINPOOL,
    Point(
        0x1872709494399E7470A6431BE25E83EEE24FEA568C2ED28DB48E05DB3A610DC8,
        0x84D256A40E35EFCB59BF6753D3A489D28C7A4D973C2DA138A6E7A4A08F68E16F,
    ),
)


def test_the_standards_example_holds():
    assert verify_mapping_proof(PROOF, STATIC_KEY)
    assert verify_mapping_proof(
        replace(PROOF, chip_authentication_data=b"\x00" + PROOF.chip_authentication_data), STATIC_KEY
    )


def test_the_same_x_with_the_other_y_does_not_hold():
    opposite = CurveKey(BRAINPOOL, Point(STATIC_KEY.point.x, BRAINPOOL.p - STATIC_KEY.point.y))
    assert not verify_mapping_proof(PROOF, opposite)


@pytest.mark.parametrize("field", ["mapping_public_key", "chip_authentication_data"])
def test_no_flipped_bit_of_the_proof_holds(field):
    original = getattr(PROOF, field)
    for position in range(len(original)):
        altered = bytearray(original)
        altered[position] ^= 1 << position % 8
        assert not verify_mapping_proof(replace(PROOF, **{field: bytes(altered)}), STATIC_KEY)


@pytest.mark.parametrize(
    "damage",
    [
        {"chip_authentication_data": b""},
        {"chip_authentication_data": bytes(32)},
        {"chip_authentication_data": BRAINPOOL.n.to_bytes(32)},
        {"chip_authentication_data": (int.from_bytes(PROOF.chip_authentication_data) + BRAINPOOL.n).to_bytes(33)},
        {"chip_authentication_data": b"\xff" * 5000},
        {"mapping_public_key": b""},
        {"mapping_public_key": b"\x00"},
        {"mapping_public_key": b"\x04" + bytes(64)},
        {"oid": "0.4.0.127.0.7.2.2.4.2.2"},
        {"oid": ""},
    ],
)
def test_what_is_no_proof_is_false_and_no_exception(damage):
    assert not verify_mapping_proof(replace(PROOF, **damage), STATIC_KEY)


def test_a_key_of_another_curve_is_not_what_was_mapped():
    spki = ec.generate_private_key(ec.SECP256R1()).public_key()
    other = decode_static_key(spki.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    assert not verify_mapping_proof(PROOF, other)

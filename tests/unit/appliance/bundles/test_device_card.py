"""The card of an appliance: whose key it names must be a key, for which nobody but its holder signs."""

import importlib.util
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.bundles.device_card import _DOMAIN, _SMALL_ORDER, DeviceCard
from appliance.errors import PairingRefused
from appliance.ledger.canonical_json import canonical_json
from appliance.lists.identity import RosterIdentity

P = 2**255 - 19
IDENTITY = bytes([1]) + bytes(31)
"""The neutral point: with S = 0 it signs every message under a key that is itself."""
PARITY = bytes(31) + b"\x80"


def written(y, *, odd=False):
    return bytes(one | other for one, other in zip(y.to_bytes(32, "little"), PARITY if odd else bytes(32), strict=True))


@pytest.fixture
def recipient(tmp_path):
    return RosterIdentity.load_or_create(tmp_path).recipient


def card_of(public_key, recipient, signature):
    fields = {"format": "thechip-device-1", "name": "B", "public_key": public_key.hex(), "recipient": recipient}
    return fields, canonical_json({**fields, "signature": signature.hex()})


def test_a_card_of_a_real_key_is_read(recipient):
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    card = DeviceCard("B", key.public_key().public_bytes_raw(), recipient)
    assert DeviceCard.read(card.signed(key)) == card


def test_a_card_that_nobody_signed_is_refused_though_its_signature_fits(recipient):
    signature = IDENTITY + bytes(32)
    fields, card = card_of(IDENTITY, recipient, signature)
    Ed25519PublicKey.from_public_bytes(IDENTITY).verify(signature, _DOMAIN + canonical_json(fields))
    with pytest.raises(PairingRefused):
        DeviceCard.read(card)


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("y", [*sorted(_SMALL_ORDER), P, P + 1, P + 5, 2**255 - 1])
def test_points_of_small_order_or_in_another_writing_are_no_keys(recipient, monkeypatch, y, odd):
    """Whatever its signature is: here every one is taken."""
    monkeypatch.setattr("appliance.bundles.device_card.Ed25519PublicKey", Signed)
    with pytest.raises(PairingRefused):
        DeviceCard.read(card_of(written(y, odd=odd), recipient, bytes(64))[1])
    assert DeviceCard.read(card_of(written(4), recipient, bytes(64))[1]).name == "B"


class Signed:
    """A key by which everything is signed."""

    @classmethod
    def from_public_bytes(cls, _):
        """Take any."""
        return cls()

    def verify(self, signature, message):
        """Take it."""


def test_the_points_of_small_order_are_those_that_eight_times_are_nothing():
    path = Path(__file__).parents[4] / "docs" / "verify_ledger.py"
    spec = importlib.util.spec_from_file_location("verify_ledger", path)
    arithmetic = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(arithmetic)
    assert len(_SMALL_ORDER) == 5, "eight points, of which three times two share their y"
    for y in _SMALL_ORDER:
        x, eight_y, z, _ = arithmetic.times(8, arithmetic.point_of(written(y)))
        assert (x % P, (eight_y - z) % P) == (0, 0)

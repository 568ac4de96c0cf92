"""Card status lists for test cards, and what such a list knows a chip by."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.cardstatus.card_status_list import CardStatusList
from verifier.cardstatus.layout import CardState
from verifier.cardstatus.publishing import CardStatusEntry, build_card_status_list
from verifier.iso7816.tlv import decode_all, decode_one, encode
from verifier.sdk.testing.arithmetic.curves import Random
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.writing.object_identifiers import AGREEMENT_ARCS, CHIP_AUTHENTICATION_PUBLIC_KEY, encode_oid

LIST_LIFETIME = timedelta(days=30)
LIST_FILE = "cards.list"
KEY_FILE = "key.hex"
_KEY_LENGTH = 16


class SyntheticCardStatus:
    """The publisher of a card status list: it knows which test cards are no longer good, and signs that.

    With a seeded ``random`` its key is the same each time.

        publisher = SyntheticCardStatus()
        publisher.enter(chip.data, CardState.LOST)
        inspect(…, card_status=publisher.card_status_list(at=now))
    """

    def __init__(self, *, random: Random = secrets.token_bytes) -> None:
        self._private_key = Ed25519PrivateKey.from_private_bytes(random(32))
        self._listed: dict[bytes, CardState] = {}
        self._sequence = 0

    @property
    def public_key(self) -> bytes:
        """What a verifier must be given to believe the list: 32 bytes."""
        return self._private_key.public_key().public_bytes_raw()

    def enter(self, data: ChipData, state: CardState) -> None:
        """Say of a chip that it is revoked, suspended or lost, under every hash that it can be known by."""
        self._listed |= dict.fromkeys(card_hashes(data), state)

    def strike(self, data: ChipData) -> None:
        """Say nothing of a chip any more."""
        for key_hash in card_hashes(data):
            self._listed.pop(key_hash, None)

    def issue(self, *, at: datetime, lifetime: timedelta = LIST_LIFETIME) -> bytes:
        """Return the next signed list, as it is published in a file."""
        self._sequence += 1
        return write_card_status_list(
            self._listed, self._private_key, at=at, lifetime=lifetime, sequence=self._sequence
        )

    def write_to(self, folder: Path, *, at: datetime, lifetime: timedelta = LIST_LIFETIME) -> None:
        """Issue the next list as ``cards.list``, and write its key beside it as ``key.hex``: 64 hexadecimal digits."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / LIST_FILE).write_bytes(self.issue(at=at, lifetime=lifetime))
        (folder / KEY_FILE).write_text(self.public_key.hex() + "\n", encoding="ascii")

    def card_status_list(self, *, at: datetime, lifetime: timedelta = LIST_LIFETIME) -> CardStatusList:
        """Return the next list as a verifier holds it: its signature checked."""
        return CardStatusList.decode(self.issue(at=at, lifetime=lifetime), self.public_key)


def chip_key_hash(data: ChipData) -> bytes:
    """Return the first of ``card_hashes``: that of the chip's key, where it has one."""
    return card_hashes(data)[0]


def card_hashes(data: ChipData) -> tuple[bytes, ...]:
    """Return every key of a card in a card status list, 16 bytes each.

    They are the start of SHA-256 over the chip's public keys (SubjectPublicKeyInfo in DER), for Chip Authentication in
    DG14 and for Active Authentication in DG15, and last over the LDSSecurityObject that EF.SOD signs.
    """
    return tuple(hashlib.sha256(identity).digest()[:_KEY_LENGTH] for identity in _identities(data))


def write_card_status_list(
    listed: Mapping[bytes, CardState],
    private_key: Ed25519PrivateKey,
    *,
    at: datetime,
    lifetime: timedelta = LIST_LIFETIME,
    sequence: int = 1,
) -> bytes:
    """Return a signed list of states by ``chip_key_hash``, all since ``at``, when it is issued."""
    entries = [CardStatusEntry(key_hash, state, at) for key_hash, state in listed.items()]
    return build_card_status_list(entries, at, at + lifetime, sequence, private_key)


def _identities(data: ChipData) -> Iterable[bytes]:
    yield from _chip_authentication_public_keys(data.files.get("DG14"))
    if "DG15" in data.files:
        yield decode_one(data.files["DG15"]).value
    signed_data = cms.ContentInfo.load(decode_one(data.files["EF.SOD"]).value)["content"]
    yield bytes(signed_data["encap_content_info"]["content"])


def _chip_authentication_public_keys(dg14: bytes | None) -> Iterable[bytes]:
    if dg14 is None:
        return
    protocols = {encode_oid(f"{CHIP_AUTHENTICATION_PUBLIC_KEY}.{arc}") for arc in AGREEMENT_ARCS.values()}
    for info in decode_all(decode_one(decode_one(dg14).value).value):
        oid, public_key, *_ = decode_all(info.value)
        if oid.value in protocols:
            yield encode(public_key.tag, public_key.value)

"""A synthetic state, its cards read over the real protocols, and everything a verification needs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.access.password import MrzPassword
from verifier.access.proofs import AccessProtocol
from verifier.cardstatus.card_status_list import CardStatusList
from verifier.cardstatus.layout import CardState
from verifier.cardstatus.publishing import CardStatusEntry, build_card_status_list
from verifier.evidence.record import Evidence
from verifier.iso7816.exchange import perform
from verifier.pki.trust.trust_store import TrustStore
from verifier.reading.options import ReadingOptions
from verifier.reading.plan import read_card
from verifier.reading.profiles import BUILT_IN_PROFILES
from verifier.sdk.testing import (
    ChipData,
    ChipOptions,
    DocumentSigner,
    Person,
    SyntheticPki,
    VirtualChip,
    invented_person,
    write_chip_data,
)
from verifier.verification.policy import Policy
from verifier.verification.report import Report
from verifier.verification.verify import verify

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
_ISSUER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass(frozen=True)
class World:
    """One state with its authority, signer and lists; ``verify`` with everything filled in."""

    pki: SyntheticPki
    signer: DocumentSigner
    trust: TrustStore
    holder: Person
    at: datetime = AT

    def write(self, holder: Person | None = None, **options: Any) -> ChipData:
        return write_chip_data(self.signer, holder or self.holder, options=ChipOptions(**options))

    def read(self, data: ChipData, options: ReadingOptions | None = None) -> Evidence:
        number, birth, expiry = (part[:-1].decode() for part in _parts(data.mrz_information))
        options = options or ReadingOptions(access=(AccessProtocol.BAC,))
        profile = BUILT_IN_PROFILES["icao-mrtd"]
        password = MrzPassword(number, birth, expiry)
        exchange = read_card(profile, password, options, random=_counter(), captured_at=AT)
        return perform(exchange, VirtualChip(data))

    def status_list(self, *entries: tuple[bytes, CardState], issued_at: datetime | None = None) -> CardStatusList:
        return CardStatusList.decode(self.status_file(*entries, issued_at=issued_at), self.status_key)

    def status_file(self, *entries: tuple[bytes, CardState], issued_at: datetime | None = None) -> bytes:
        issued = issued_at or self.at - timedelta(days=1)
        listed = [CardStatusEntry(key, state, issued) for key, state in entries]
        return build_card_status_list(listed, issued, issued + timedelta(days=30), 1, _ISSUER)

    @property
    def status_key(self) -> bytes:
        return _ISSUER.public_key().public_bytes_raw()

    def verify(self, evidence: Evidence, **changes: object) -> Report:
        arguments = {
            "trust": self.trust,
            "policy": Policy(),
            "at": self.at,
            "card_status": self.status_list(),
        } | changes
        return verify(evidence, **arguments)  # type: ignore[arg-type]


def _parts(information: bytes) -> tuple[bytes, bytes, bytes]:
    return information[:-14], information[-14:-7], information[-7:]


def _counter() -> Callable[[int], bytes]:
    state = iter(range(1, 1 << 20))
    return lambda count: bytes(next(state) * 7 % 251 for _ in range(count))


@pytest.fixture(scope="session")
def world() -> World:
    pki = SyntheticPki(at=AT - timedelta(days=100))
    signer = pki.issue_document_signer()
    pki.issue_crl(at=AT - timedelta(days=1))
    return World(pki, signer, pki.trust_store(), invented_person(7))


@pytest.fixture(scope="session")
def genuine(world: World) -> Evidence:
    """A card with Chip Authentication, opened with BAC, its PACE not looked at."""
    return world.read(world.write())


@pytest.fixture(scope="session")
def with_active_authentication(world: World) -> Evidence:
    return world.read(world.write(chip_authentication_curve=None, pace_curve=None, active_authentication="ECDSA"))


@pytest.fixture
def altered() -> Callable[..., Evidence]:
    """Return evidence with some files replaced, or dropped where ``None``."""

    def alter(evidence: Evidence, **files: bytes | None) -> Evidence:
        named = {name.replace("EF_", "EF."): content for name, content in files.items()}
        merged = dict(evidence.files) | named
        return replace(evidence, files={name: content for name, content in merged.items() if content is not None})

    return alter

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest

from verifier.access.password import CanPassword, MrzPassword, Password
from verifier.evidence.record import Evidence
from verifier.iso7816.exchange import CardConnection, perform
from verifier.reading.options import ReadingOptions, ReadingStep
from verifier.reading.plan import read_card
from verifier.reading.profile import CardProfile
from verifier.reading.profiles import BUILT_IN_PROFILES
from verifier.sdk.testing import ChipOptions, DocumentSigner, SyntheticPki, VirtualChip, invented_person, personalise

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOLDER = invented_person(7)


@pytest.fixture(scope="session")
def signer() -> DocumentSigner:
    return SyntheticPki(at=AT).issue_document_signer()


@pytest.fixture(scope="session")
def mrz() -> MrzPassword:
    return MrzPassword(HOLDER.document_number, HOLDER.date_of_birth, HOLDER.date_of_expiry)


@pytest.fixture(scope="session")
def can() -> CanPassword:
    return CanPassword("123456")


@pytest.fixture
def make_chip(signer: DocumentSigner) -> Callable[..., VirtualChip]:
    return lambda **options: personalise(signer, HOLDER, options=ChipOptions(**options))


@pytest.fixture
def read() -> Callable[..., Evidence]:
    def read(
        card: CardConnection,
        password: Password,
        options: ReadingOptions | None = None,
        profile: CardProfile = BUILT_IN_PROFILES["icao-mrtd"],
        steps: list[ReadingStep] | None = None,
    ) -> Evidence:
        note = (lambda _: None) if steps is None else steps.append
        exchange = read_card(
            profile, password, options or ReadingOptions(), random=Random(3).randbytes, captured_at=AT, progress=note
        )
        return perform(exchange, card)

    return read

"""One scene for all: making it costs more than any single card."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from verifier.sdk.testing.misbehaving import Scene

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def at() -> datetime:
    return AT


@pytest.fixture(scope="session")
def seeded() -> Callable[[int], Callable[[int], bytes]]:
    return lambda seed: random.Random(seed).randbytes


@pytest.fixture(scope="session")
def scene() -> Scene:
    return Scene(at=AT)

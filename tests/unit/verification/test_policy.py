from datetime import timedelta

import pytest

from verifier.errors import PolicyError
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName


def test_a_policy_requires_everything_unless_told_otherwise() -> None:
    assert Policy().required == set(CheckName)


def test_a_policy_that_requires_nothing_is_an_error() -> None:
    with pytest.raises(PolicyError):
        Policy(required=frozenset())


def test_a_policy_that_accepts_no_state_is_an_error() -> None:
    with pytest.raises(PolicyError):
        Policy(issuing_states=frozenset())


@pytest.mark.parametrize("name", ["max_crl_age", "max_card_status_age"])
def test_a_negative_age_is_an_error(name: str) -> None:
    with pytest.raises(PolicyError):
        Policy(**{name: timedelta(days=-1)})  # type: ignore[arg-type]


@pytest.mark.parametrize("types", [(), ("",), ("I", ""), "IA", ["I"]])
def test_a_policy_whose_document_types_mean_nothing_or_everything_is_an_error(types: object) -> None:
    with pytest.raises(PolicyError):
        Policy(document_types=types)  # type: ignore[arg-type]

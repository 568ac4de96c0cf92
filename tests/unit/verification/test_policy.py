from dataclasses import replace
from datetime import timedelta

import pytest

from verifier.access.proofs import AccessProtocol
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


def test_a_misspelt_check_is_no_check_that_nobody_makes() -> None:
    with pytest.raises(PolicyError, match="no check 'card-stauts'; the nearest is 'card-status'"):
        Policy(required=frozenset({"sod-signature", "card-stauts"}))  # type: ignore[arg-type]


def test_checks_and_protocols_may_be_given_as_text_and_are_the_same() -> None:
    policy = Policy(required={"sod-signature"}, allowed_access={"PACE"})  # type: ignore[arg-type]
    assert policy == Policy(
        required=frozenset({CheckName.SOD_SIGNATURE}), allowed_access=frozenset({AccessProtocol.PACE})
    )
    assert isinstance(policy.required, frozenset)
    assert all(isinstance(check, CheckName) for check in policy.required)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("required", "card-status"),
        ("required", ["card-status"]),
        ("required", None),
        ("required", frozenset({7})),
        ("required", frozenset({CheckName.ACCESS, "zzz"})),
        ("issuing_states", "VNM"),
        ("issuing_states", ("VNM",)),
        ("issuing_states", frozenset({"vnm"})),
        ("issuing_states", frozenset({"VN"})),
        ("issuing_states", frozenset({"VNM", 7})),
        ("issuing_states", frozenset({"VNM\n"})),
        ("document_types", ("i",)),
        ("document_types", ("PASSPORT",)),
        ("document_types", (None,)),
        ("allowed_access", "PACE"),
        ("allowed_access", frozenset()),
        ("allowed_access", frozenset({"pace"})),
        ("allowed_access", (AccessProtocol.PACE,)),
        ("tolerate_downgrade", "False"),
        ("tolerate_downgrade", None),
        ("max_crl_age", 7),
        ("max_card_status_age", None),
    ],
)
def test_a_field_of_another_kind_is_an_error_as_the_policy_is_made(field: str, value: object) -> None:
    with pytest.raises(PolicyError):
        Policy(**{field: value})  # type: ignore[arg-type]
    with pytest.raises(PolicyError):
        replace(Policy(), **{field: value})  # type: ignore[arg-type]

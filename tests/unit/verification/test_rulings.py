"""Every reason code that there is: programs rely on the codes, and officers read the sentences."""

import importlib
import pkgutil
from collections import defaultdict

from verifier.verification import checks
from verifier.verification.report import CheckName, Outcome
from verifier.verification.ruling import Ruling


def all_rulings() -> list[Ruling]:
    found: dict[Ruling, None] = {}
    for module in pkgutil.iter_modules(checks.__path__):
        for value in vars(importlib.import_module(f"{checks.__name__}.{module.name}")).values():
            candidates = value.values() if isinstance(value, dict) else (value,)
            found |= dict.fromkeys(ruling for ruling in candidates if isinstance(ruling, Ruling))
    return list(found)


def test_every_check_has_its_file_and_can_pass_and_not_pass() -> None:
    outcomes = defaultdict(set)
    for ruling in all_rulings():
        outcomes[ruling.check].add(ruling.outcome)

    assert set(outcomes) == set(CheckName)
    assert all(Outcome.PASSED in found and len(found) > 1 for found in outcomes.values())
    assert len(list(pkgutil.iter_modules(checks.__path__))) == len(CheckName)


def test_a_reason_belongs_to_one_check() -> None:
    owners = defaultdict(set)
    for ruling in all_rulings():
        owners[ruling.reason].add(ruling.check)

    assert {reason for reason, checks_of_it in owners.items() if len(checks_of_it) > 1} == set()


def test_reasons_are_words_with_hyphens_and_sentences_are_sentences() -> None:
    for ruling in all_rulings():
        assert ruling.reason.replace("-", "").isalnum()
        assert ruling.reason == ruling.reason.lower()
        assert ruling.sentence[0].isupper() or ruling.sentence.startswith("{file}")
        assert ruling.sentence.endswith(".")
        assert ruling.clause

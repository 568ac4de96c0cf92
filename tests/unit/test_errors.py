import pickle

import pytest

from verifier.sdk.errors import CardRefused, ExtendedLengthRefused, FaultyTable


@pytest.mark.parametrize("kind", [CardRefused, ExtendedLengthRefused])
def test_an_error_with_a_status_crosses_to_another_process(kind: type[CardRefused]) -> None:
    again = pickle.loads(pickle.dumps(kind("the card refused: 6A82", 0x6A82)))  # noqa: S301 - our own bytes
    assert (type(again), again.sentence, again.status) == (kind, "the card refused: 6A82", 0x6A82)


def test_the_faults_of_a_table_cross_to_another_process() -> None:
    again = pickle.loads(pickle.dumps(FaultyTable("1 fault", ((7, "no state"),))))  # noqa: S301 - our own bytes
    assert (type(again), again.sentence, again.faults) == (FaultyTable, "1 fault", ((7, "no state"),))

from itertools import pairwise
from random import Random

import pytest

from verifier.cardstatus.layout import RECORD
from verifier.cardstatus.order import is_ascending

LAST = (1 << 128) - 1


def records(*numbers, rest=(3, 5)):
    return b"".join(RECORD.pack(number.to_bytes(16), *rest) for number in numbers)


@pytest.mark.parametrize(
    ("numbers", "ascending"),
    [
        ((), True),
        ((7,), True),
        ((0, 1), True),
        ((0, 0), False),
        ((1, 0), False),
        ((0, LAST), True),
        ((LAST, 0), False),
        ((LAST, LAST), False),
        ((LAST - 1, LAST), True),
        ((0, 1, 2, 2), False),
        ((1, 1, 2, 3), False),
        ((0, LAST, 1), False),
        ((0, LAST, LAST), False),
    ],
)
@pytest.mark.parametrize("rest", [(0, 0), (255, 0xFFFFFFFF), (1, 1)])
def test_neighbours_are_compared_by_their_keys_alone(numbers, ascending, rest):
    assert is_ascending(records(*numbers, rest=rest)) is ascending


def test_every_exchange_of_two_neighbours_is_noticed_wherever_it_is():
    random = Random(5)
    numbers = sorted(random.getrandbits(128) for _ in range(400))
    assert is_ascending(records(*numbers))
    for place in range(399):
        exchanged = [*numbers[:place], numbers[place + 1], numbers[place], *numbers[place + 2 :]]
        assert not is_ascending(records(*exchanged))


def test_random_rows_are_judged_as_by_comparison_of_one_key_after_the_other():
    random = Random(6)
    seen = set()
    for _ in range(2000):
        numbers = [random.randrange(4) * (LAST // 3) for _ in range(random.randrange(1, 4))]
        expected = all(one < other for one, other in pairwise(numbers))
        assert is_ascending(records(*numbers)) is expected
        seen.add(expected)
    assert seen == {True, False}

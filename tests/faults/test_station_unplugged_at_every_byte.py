"""The reader is unplugged in the middle of a tap; ``scripts/unplug-reader`` does it at every byte, both ways."""

import random
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "scripts" / "lib"))

import unplug_reader
from unplug_reader import Cut, Direction

EVERY = 120


@pytest.mark.timeout(600)
def test_whoever_stands_there_is_answered_and_is_on_the_list_once_after_the_reader_is_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unplug_reader.unplug(tmp_path, EVERY, seed=random.randrange(2**32))
    said = capsys.readouterr().out
    assert "try-again, reader-gone" in said
    assert "each once" in said


def test_every_byte_of_both_directions_has_a_cut() -> None:
    found = list(unplug_reader.cuts({Direction.TO_READER: 3, Direction.TO_HOST: 2}, 1, random.Random(1)))
    assert found == [
        *(Cut(Direction.TO_READER, count) for count in range(4)),
        *(Cut(Direction.TO_HOST, count) for count in range(3)),
    ]


def test_an_entry_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unplug_reader.Unplugger, "cut", lambda unplugger, _: unplugger._next_card())
    with pytest.raises(unplug_reader.NotSurvived, match="entries for"):
        unplug_reader.unplug(tmp_path, 2000, seed=1)

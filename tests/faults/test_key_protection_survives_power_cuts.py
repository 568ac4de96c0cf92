"""The power goes in the middle of ``protect``: the keys are whole afterwards, in the old form or in the new one.

The change runs in a process of its own, which ends itself before one file operation after another. What is durable is
what was renamed, linked or removed until then (each of these is followed by an fsync of its folder).
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from appliance.config.protection import ProtectionConfig
from appliance.errors import KeysNotProtected
from appliance.keys import Keys
from appliance.keys.board import BoardSecret
from appliance.keys.protection import KeyRoom

SECRETS = (b"d" * 32, b"r" * 32, b"s" * 32)
CHANGING = """
import os, sys
from pathlib import Path
from appliance.config.protection import ProtectionConfig
from appliance.keys.board import BoardSecret
from appliance.keys.protection import KeyRoom

card, memory, kind, fatal = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
room = KeyRoom(card, memory, ProtectionConfig(kind), lambda source: BoardSecret("serial", b"this board"), 10)
keys = room.current(lambda: "")
steps = 0

def cut(event, arguments):
    global steps
    if event in ("open", "os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "shutil.rmtree"):
        steps += 1
        if steps == fatal:
            os._exit(9)

sys.addaudithook(cut)
room.protect(keys)
"""


def room(card: Path, memory: Path, kind: str) -> KeyRoom:
    return KeyRoom(card, memory, ProtectionConfig(kind), lambda _: BoardSecret("serial", b"this board"), 10)


@pytest.fixture
def in_memory():
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="thechip-test-") as folder:
        yield Path(folder)


@pytest.fixture(params=["none", "board"])
def before(request, tmp_path, in_memory):
    room(tmp_path / "before", in_memory, request.param).protect(Keys.of(SECRETS))
    return request.param


@pytest.mark.parametrize("after", ["none", "board"])
def test_whatever_the_step_the_keys_are_whole_and_the_change_can_be_finished(tmp_path, in_memory, before, after):
    forms = set()
    for fatal in range(1, 200):
        card = tmp_path / str(fatal)
        shutil.copytree(tmp_path / "before", card)
        arguments = [sys.executable, "-c", CHANGING, str(card), str(in_memory), after, str(fatal)]
        ended = subprocess.run(arguments, check=False, timeout=60).returncode
        assert ended in (0, 9)
        forms.add(form_of(card, in_memory))
        room(card, in_memory, after).protect(room(card, in_memory, after).current(lambda: ""))
        assert room(card, in_memory, after).open().secrets() == SECRETS
        plain = [path for path in card.rglob("*") if path.is_file() and path.read_bytes() in SECRETS]
        assert (plain == []) is (after == "board")
        if ended == 0:
            break
    else:
        pytest.fail("the change has no end")
    assert forms == {before, after}


def form_of(card: Path, memory: Path) -> str:
    """Which of the two forms opens; each must give the same keys."""
    try:
        found, keys = "none", room(card, memory, "none").open()
    except KeysNotProtected:
        found, keys = "board", room(card, memory, "board").open()
    assert keys.secrets() == SECRETS
    return found

"""Looking a card up among 200,000 and among 5.6 million, against a dict; what a list keeps in memory."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from random import Random

from benchmarks.measure import Row, interleaved
from benchmarks.scenes import AT
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.cardstatus.card_status_list import CardState, CardStatusList
from verifier.cardstatus.layout import HEADER, KEY_LENGTH, MAGIC, RECORD, VERSION, signed_message

_SIZES = (200_000, 5_600_000)
_ASKED = 1000
_IN_MEMORY = """
import gc, json, sys, time
from verifier.sdk import CardStatusList

def own_memory():
    gc.collect()
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("RssAnon"))

path, issuer, keys = json.load(sys.stdin)
before, started = own_memory(), time.perf_counter()
listed = CardStatusList.open(path, bytes.fromhex(issuer))
opened = time.perf_counter() - started
for key in keys:
    listed.status_of(bytes.fromhex(key))
print(json.dumps([own_memory() - before, opened]))
"""


def rows() -> Iterator[Row]:
    """Half of the look-ups find something."""
    for count in _SIZES:
        with tempfile.TemporaryDirectory() as folder:
            yield _row(count, Path(folder) / "cards.tcsl")


def _row(count: int, path: Path) -> Row:
    random = Random(4)  # noqa: S311 – nobody's cards
    key = Ed25519PrivateKey.generate()
    keys = _keys(count, random)
    path.write_bytes(_signed(keys, key))
    asked = [*random.sample(keys, _ASKED // 2), *(random.randbytes(KEY_LENGTH) for _ in range(_ASKED // 2))]
    known = dict.fromkeys(keys, CardState.REVOKED)
    del keys
    issuer = key.public_key().public_bytes_raw()
    first, second = cycle(asked), cycle(asked)
    with CardStatusList.open(path, issuer) as listed:
        times = interleaved(
            {"ours": lambda: listed.status_of(next(first)), "dict": lambda: known.get(next(second))},
            repetitions=20,
            batch=_ASKED,
        )
    kilobytes, opened = _in_a_process_of_its_own(path, issuer, asked)
    details = {
        "entries": count,
        "file, kB": path.stat().st_size // 1024,
        "memory, kB": kilobytes,
        "opened and checked in, ms": round(opened * 1e3),
    }
    ours, theirs = times["ours"].least * 1e6, times["dict"].least * 1e6
    return Row(f"card status look-up among {count:,}", ours, "µs", theirs, "a look-up in a dict", details)


def _keys(count: int, random: Random) -> list[bytes]:
    """Random keys that are made in their order: one in each of ``count`` equal parts of the key space."""
    width = 2 ** (8 * KEY_LENGTH) // count
    return [(part * width + random.randrange(width)).to_bytes(KEY_LENGTH) for part in range(count)]


def _signed(keys: list[bytes], key: Ed25519PrivateKey) -> bytes:
    issued = int(AT.timestamp())
    due = int((AT + timedelta(days=30)).timestamp())
    header = HEADER.pack(MAGIC, VERSION, RECORD.size, issued, due, 1, len(keys))
    body = header + b"".join(RECORD.pack(each, CardState.REVOKED, issued) for each in keys)
    return body + key.sign(signed_message(body))


def _in_a_process_of_its_own(path: Path, issuer: bytes, asked: list[bytes]) -> tuple[int, float]:
    handed_in = json.dumps([str(path), issuer.hex(), [key.hex() for key in asked]])
    done = subprocess.run(
        [sys.executable, "-c", _IN_MEMORY], input=handed_in, capture_output=True, text=True, check=True
    )
    kilobytes, opened = json.loads(done.stdout)
    return kilobytes, opened

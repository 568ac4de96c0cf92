"""Card status lists of 200,000 and of 5.6 million: a look-up, opening by the index, a delta; a list from a register.

The register has as many rows, of which one in 28 is listed.
"""

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random

from benchmarks.measure import Row, interleaved
from benchmarks.scenes import AT
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.cardstatus.applying import apply_card_status_delta
from verifier.cardstatus.card_status_list import CardState, CardStatusEntry, CardStatusList, build_card_status_list
from verifier.cardstatus.delta_making import make_card_status_delta
from verifier.cardstatus.layout import HEADER, KEY_LENGTH, MAGIC, RECORD, VERSION, signed_message
from verifier.cardstatus.table import read_card_status_csv

_SIZES = (200_000, 5_600_000)
_ASKED = 1000
_CHANGED = 1000
"""Half of them are struck off, half are new."""
_ONE_IN = 28
_IN_MEMORY = """
import gc, json, sys
from verifier.sdk import CardStatusList

def own_memory():
    gc.collect()
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("RssAnon"))

path, issuer, keys = json.load(sys.stdin)
before = own_memory()
listed = CardStatusList.open(path, bytes.fromhex(issuer))
for key in keys:
    listed.status_of(bytes.fromhex(key))
print(own_memory() - before)
"""


def rows() -> Iterator[Row]:
    """Half of the look-ups find something."""
    for count in _SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder, random, key = Path(name), Random(4), Ed25519PrivateKey.generate()  # noqa: S311 – nobody's cards
            keys = _keys(count, random)
            path = folder / "cards.tcsl"
            path.write_bytes(_signed(keys, key))
            yield _look_up(count, path, keys, random, key)
            yield _opening(count, path, key)
            yield _delta(count, path, keys, random, key)
            del keys
            yield _register(count, folder / "register.csv", key)


def _look_up(count: int, path: Path, keys: list[bytes], random: Random, key: Ed25519PrivateKey) -> Row:
    asked = [*random.sample(keys, _ASKED // 2), *(random.randbytes(KEY_LENGTH) for _ in range(_ASKED // 2))]
    known = dict.fromkeys(keys, CardState.REVOKED)
    issuer = key.public_key().public_bytes_raw()
    first, second = cycle(asked), cycle(asked)
    with CardStatusList.open(path, issuer) as listed:
        times = interleaved(
            {"ours": lambda: listed.status_of(next(first)), "dict": lambda: known.get(next(second))},
            repetitions=20,
            batch=_ASKED,
        )
    kilobytes = _in_a_process_of_its_own(path, issuer, asked)
    details = {"entries": count, "file, kB": path.stat().st_size // 1024, "memory, kB": kilobytes}
    ours, theirs = times["ours"].least * 1e6, times["dict"].least * 1e6
    return Row(f"card status look-up among {count:,}", ours, "µs", theirs, "a look-up in a dict", details)


def _opening(count: int, path: Path, key: Ed25519PrivateKey) -> Row:
    issuer, index = key.public_key(), path.with_suffix(".index")
    CardStatusList.open(path, issuer, index=index).close()
    times = interleaved(
        {
            "index": lambda: CardStatusList.open(path, issuer, index=index).close(),
            "check": lambda: CardStatusList.open(path, issuer).close(),
        },
        repetitions=5,
    )
    details = {"index, kB": index.stat().st_size // 1024}
    ours, theirs = times["index"].least * 1e3, times["check"].least * 1e3
    return Row(f"card status list of {count:,} by its index", ours, "ms", theirs, "a check of all of it", details)


def _delta(count: int, path: Path, keys: list[bytes], random: Random, key: Ed25519PrivateKey) -> Row:
    gone = set(random.sample(keys, _CHANGED // 2))
    new = [random.randbytes(KEY_LENGTH) for _ in range(_CHANGED // 2)]
    result, copy = path.with_name("result"), path.with_name("copy")
    result.write_bytes(_signed(sorted([one for one in keys if one not in gone] + new), key, sequence=2))
    delta = make_card_status_delta(path, result)

    def apply() -> None:
        with copy.open("wb") as file:
            apply_card_status_delta(path, delta, file)

    times = interleaved({"apply": apply, "copy": lambda: shutil.copyfile(path, copy)}, repetitions=5)
    making = interleaved({"make": lambda: make_card_status_delta(path, result)}, repetitions=3)["make"]
    details = {"changes": _CHANGED, "delta, bytes": len(delta), "made in, ms": round(making.least * 1e3)}
    ours, theirs = times["apply"].least * 1e3, times["copy"].least * 1e3
    return Row(f"card status delta applied to {count:,}", ours, "ms", theirs, "copying the file", details)


def _register(count: int, path: Path, key: Ed25519PrivateKey) -> Row:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("hash,state,since,reason\r\n")
        for number in range(count):
            row = "good,," if number % _ONE_IN else "revoked,2026-03-01,by telephone"
            file.write(f"{hashlib.sha256(number.to_bytes(8)).hexdigest()},{row}\r\n")

    def built(read: Callable[[Iterable[str]], Iterator[CardStatusEntry]]) -> bytes:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return build_card_status_list(read(file), AT, AT + timedelta(days=30), 1, key)

    times = interleaved({"ours": lambda: built(read_card_status_csv), "naive": lambda: built(_naive)}, repetitions=2)
    details = {"listed": -(-count // _ONE_IN), "file, MB": path.stat().st_size >> 20}
    ours, theirs = times["ours"].least, times["naive"].least
    return Row(
        f"card status list from a register of {count:,}", ours, "s", theirs, "the same by csv.DictReader", details
    )


def _naive(lines: Iterable[str]) -> Iterator[CardStatusEntry]:
    """As one would write it at first: no fault is told."""
    for row in csv.DictReader(lines):
        if row["state"] != "good":
            since = datetime.fromisoformat(row["since"]).replace(tzinfo=UTC)
            yield CardStatusEntry(bytes.fromhex(row["hash"]), CardState[row["state"].upper()], since)


def _keys(count: int, random: Random) -> list[bytes]:
    """Random keys that are made in their order: one in each of ``count`` equal parts of the key space."""
    width = 2 ** (8 * KEY_LENGTH) // count
    return [(part * width + random.randrange(width)).to_bytes(KEY_LENGTH) for part in range(count)]


def _signed(keys: list[bytes], key: Ed25519PrivateKey, *, sequence: int = 1) -> bytes:
    issued = int(AT.timestamp())
    due = int((AT + timedelta(days=30)).timestamp())
    header = HEADER.pack(MAGIC, VERSION, RECORD.size, issued, due, sequence, len(keys))
    body = header + b"".join(RECORD.pack(each, CardState.REVOKED, issued) for each in keys)
    return body + key.sign(signed_message(body))


def _in_a_process_of_its_own(path: Path, issuer: bytes, asked: list[bytes]) -> int:
    handed_in = json.dumps([str(path), issuer.hex(), [key.hex() for key in asked]])
    done = subprocess.run(
        [sys.executable, "-c", _IN_MEMORY], input=handed_in, capture_output=True, text=True, check=True
    )
    return int(done.stdout)

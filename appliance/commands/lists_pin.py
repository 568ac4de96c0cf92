"""``lists pin``: whose lists are believed from now on, once somebody compared the fingerprint."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    Commands,
    is_compared,
    open_services,
    say,
    takes_config,
    warn,
)
from appliance.errors import ConfigError

if TYPE_CHECKING:
    from appliance.lists.pinning import PinnedRoot

_DIFFERS: Final = (
    "If a group differs, this is not the publisher's root: do not use the file. Ask the publisher for another copy, and"
    " tell them where this one came from."
)


def add_to(lists: Commands) -> None:
    """Announce the command."""
    pin = lists.add_parser("pin", help="believe the lists of this root from now on; once per device")
    takes_config(pin)
    pin.add_argument("file", type=Path, metavar="1.root.json")
    pin.add_argument("--fingerprint", metavar="HEX", help="as the publisher told it by another way")
    pin.set_defaults(command=_pin)


def _pin(options: argparse.Namespace) -> int:
    from appliance.list_keeping.keeper import ListKeeper  # noqa: PLC0415 – python-tuf takes a sixth of a second
    from appliance.lists.pinning import decode_root  # noqa: PLC0415 – python-tuf takes a sixth of a second
    from appliance.lists.publication import LONGEST_ROOT  # noqa: PLC0415 – python-tuf takes a sixth of a second

    with options.file.open("rb") as file:
        encoded = file.read(LONGEST_ROOT + 1)
    root = decode_root(encoded)
    if options.fingerprint is not None:
        _require_same(root, options.fingerprint)
    elif not _was_compared(root):
        warn(f"nothing was pinned. {_DIFFERS}")
        return EXIT_NOT_AS_IT_MUST_BE
    ListKeeper(open_services(options)).pin(encoded)
    say(f"Pinned root {root.version}: {root.threshold} of {root.keys} keys sign.")
    say("Next: thechip-appliance lists sync, or lists import PATH.")
    return EXIT_OK


def _require_same(root: "PinnedRoot", fingerprint: str) -> None:
    digits = "".join(letter for letter in fingerprint if letter not in " \t\n:-").lower()
    if digits != root.sha256:
        msg = f"this is another root, and nothing was pinned: its fingerprint is {root.read_aloud}. {_DIFFERS}"
        raise ConfigError(msg)


def _was_compared(root: "PinnedRoot") -> bool:
    return is_compared(
        root.read_aloud,
        of=f"Root {root.version}, of which {root.threshold} of {root.keys} keys must sign,",
        how="Let the publisher read theirs aloud, or compare it on paper: not with what came with the file.",
        by_option="name it as the publisher told it, --fingerprint HEX; nothing was pinned",
    )

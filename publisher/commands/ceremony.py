"""``init``, ``rotate``, ``sign``: keys, and the root that says whose they are."""

import argparse
from pathlib import Path

from publisher.commands.console import (
    EXIT_OK,
    Commands,
    count,
    now,
    open_desk,
    passphrases_of,
    say,
    takes_keys,
)
from publisher.desk import Desk
from publisher.errors import WrongUsage
from publisher.founding import CARD_STATUS, SIGNING_ROLES, Founding
from publisher.keyring import SHOWN, Keyring
from publisher.rotation import Rotation
from publisher.settings import Periods
from publisher.signing import Signing, sign_root


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    init = commands.add_parser("init", help="the first ceremony: keys, the first root, an empty publication")
    takes_keys(init)
    init.add_argument("--root-keys", type=int, default=3, metavar="N", help="keys of root; 3 unless said otherwise")
    init.add_argument("--root-threshold", type=int, default=2, metavar="N", help="how many of them sign; else 2")
    init.add_argument(
        "--hsm-role",
        type=_role_in_token,
        action="append",
        default=[],
        metavar="ROLE=URI",
        help=f"a key that is in a PKCS#11 token, hsm:2?label=…, for one of {', '.join(SIGNING_ROLES)}",
    )
    add_periods(init)
    init.set_defaults(command=_init)

    rotate = commands.add_parser("rotate", help="give a role other keys; without options one new key for all it has")
    takes_keys(rotate)
    rotate.add_argument(
        "role", help="root, timestamp, snapshot, targets, central, card-status; province-NN at its desk"
    )
    rotate.add_argument("--new-key", action="store_true", help="make one more key")
    rotate.add_argument("--hsm", metavar="URI", help="the new key is in a PKCS#11 token")
    rotate.add_argument(
        "--remove", action="append", default=[], metavar="KEYID", help="give up a key (may be repeated)"
    )
    rotate.add_argument("--threshold", type=int, metavar="N", help="how many keys must sign")
    rotate.set_defaults(command=_rotate)

    sign = commands.add_parser("sign", help="add signatures of the keys that are here to what is pending")
    takes_keys(sign)
    sign.add_argument("file", type=Path, nargs="?", help="N.root.json: on a stick, or as it came back from one")
    sign.set_defaults(command=_sign)


def add_periods(parser: argparse.ArgumentParser) -> None:
    """Give a command the options for how long signatures hold."""
    for role, days in Periods().as_dict().items():
        parser.add_argument(f"--{role}-days", type=int, default=days, metavar="N", help=f"{days} unless said otherwise")


def periods_of(options: argparse.Namespace) -> Periods:
    """Return what ``add_periods`` asked for."""
    return Periods(**{role: getattr(options, f"{role}_days") for role in Periods().as_dict()})


def _init(options: argparse.Namespace) -> int:
    founding = Founding(
        periods=periods_of(options),
        root_keys=options.root_keys,
        root_threshold=options.root_threshold,
        tokens=dict(options.hsm_role),
        root_folders=options.keys,
    )
    desk = Desk.found(options.desk, at=now(), passphrases=passphrases_of(options), founding=founding)
    for role in desk.status(at=now()).roles:
        names = ", ".join(f"{key.name} {key.keyid}" for key in role.keys)
        say(f"{role.role:<10} {role.threshold} of {names}; until {role.expires:%Y-%m-%d}")
    say(f"SHA-256 of 1.root.json, which appliances are given: {desk.first_root_sha256}")
    say("Carry the keys of root apart now, and copy this folder to a backup.")
    return EXIT_OK


def _rotate(options: argparse.Namespace) -> int:
    desk = open_desk(options)
    if options.role == CARD_STATUS:
        key = desk.rotate_card_status()
        say(f"card-status has the key {key.keyid[:SHOWN]}; the next add card-status makes a base signed with it")
    elif options.role == desk.settings().own_role:
        say(f"give {desk.rotate_province()} to the central desk: delegate {desk.settings().province} --key FILE")
    else:
        rotation = desk.rotate(
            options.role,
            at=now(),
            new_key=options.new_key,
            remove=options.remove,
            threshold=options.threshold,
            token=options.hsm,
        )
        _tell_rotation(options.role, rotation)
    return EXIT_OK


def _tell_rotation(role: str, rotation: Rotation) -> None:
    for keyid in rotation.made:
        say(f"{role} gets the key {keyid[:SHOWN]}")
    for keyid in rotation.removed:
        say(f"{role} gives up the key {keyid[:SHOWN]}")
    _tell_missing(rotation.path, rotation.missing)


def _sign(options: argparse.Namespace) -> int:
    if (options.desk / "desk.json").exists():
        for signing in open_desk(options).sign(options.file):
            _tell_signing(signing)
    elif options.file is not None:
        folders = (*options.keys, options.file.parent)
        _tell_signing(sign_root(options.file, Keyring(folders, passphrases_of(options))))
    else:
        msg = "there is no desk here; name the file to be signed, N.root.json"
        raise WrongUsage(msg)
    return EXIT_OK


def _tell_signing(signing: Signing) -> None:
    for keyid in signing.added:
        say(f"{signing.path.name} is signed with {keyid[:SHOWN]}")
    _tell_missing(signing.path, signing.missing)


def _tell_missing(path: Path, missing: int) -> None:
    if missing:
        say(f"{path} waits for {count(missing, 'signature')} more; carry its folder to the other keys: sign FILE")
    else:
        say(f"{path} is complete; publish takes it")


def _role_in_token(text: str) -> tuple[str, str]:
    role, separator, uri = text.partition("=")
    if not separator or not role or not uri:
        msg = "it is ROLE=URI, such as timestamp=hsm:2?label=thechip"
        raise argparse.ArgumentTypeError(msg)
    return role, uri

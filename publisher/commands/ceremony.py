"""``init``, ``rotate``, ``sign``: keys, and the root that says whose they are."""

import argparse
from pathlib import Path

from tuf.api.metadata import Root

from publisher.commands.console import (
    EXIT_OK,
    Commands,
    count,
    in_groups,
    is_asked,
    now,
    open_desk,
    passphrase_files_of,
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
from publisher.signing import Signing, sign_root, signed_sha256


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

    rotate = commands.add_parser(
        "rotate", help="give a role other keys; without options one new key for all it has (root: say which)"
    )
    takes_keys(rotate)
    rotate.add_argument(
        "role", help="root, timestamp, snapshot, targets, central, card-status; province-NN at its desk"
    )
    rotate.add_argument("--renew", action="store_true", help="root: the same keys, a later expiry")
    rotate.add_argument("--new-key", action="store_true", help="make one more key")
    rotate.add_argument("--hsm", metavar="URI", help="the new key is in a PKCS#11 token")
    rotate.add_argument(
        "--remove",
        action="append",
        default=[],
        metavar="KEY",
        help="give up a key, by its name or key id (may be repeated)",
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
    if is_asked():
        _announce(founding, [name for name in founding.key_files if name not in passphrase_files_of(options)])
    desk = Desk.found(options.desk, at=now(), passphrases=passphrases_of(options), founding=founding)
    status = desk.status(at=now())
    for role in status.roles:
        names = ", ".join(f"{key.name} {key.keyid}" for key in role.keys)
        say(f"{role.role:<11} {role.threshold} of {names}; until {role.expires:%Y-%m-%d}")
    if status.card_status_key is not None:
        say(f"{CARD_STATUS:<11} {status.card_status_key.keyid}")
    say("SHA-256 of 1.root.json, which appliances are given:")
    say(f"  {in_groups(desk.first_root_sha256)}")
    say("Carry the keys of root apart now, and copy this folder to a backup.")
    return EXIT_OK


def _announce(founding: Founding, asked: list[str]) -> None:
    if asked:
        say(f"{count(len(asked), 'passphrase')} will be asked for, each twice: {', '.join(asked)}.")
    if set(asked) & set(founding.root_names):
        say("Each of root's is typed by whoever will keep that key. No key is made before all are there.")


def _rotate(options: argparse.Namespace) -> int:
    desk = open_desk(options)
    if options.role == CARD_STATUS:
        key = desk.rotate_card_status()
        say(f"card-status has the key {key.keyid[:SHOWN]}; the next add card-status makes a base signed with it")
        say("publish that, then destroy the file of the key before")
    elif options.role == desk.settings().own_role:
        say(f"give {desk.rotate_province()} to the central desk: delegate {desk.settings().province} --key FILE")
    else:
        _require_meant(options, desk)
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


def _require_meant(options: argparse.Namespace, desk: Desk) -> None:
    """Raise ``WrongUsage`` unless it was said which keys of root come and go, or that none does."""
    is_changed = bool(options.new_key or options.remove or options.threshold is not None or options.hsm)
    if options.renew and (options.role != Root.type or is_changed):
        msg = "--renew stands alone, and is for root; publish renews the other roles by itself"
        raise WrongUsage(msg)
    if options.role == Root.type and not is_changed and not options.renew:
        root = next(role for role in desk.status(at=now()).roles if role.role == Root.type)
        names = ", ".join(key.name or key.keyid for key in root.keys)
        msg = (
            f"say which key of root goes: rotate root --new-key --remove NAME, one of {names}; "
            "or rotate root --renew for a later expiry and the same keys"
        )
        raise WrongUsage(msg)


def _tell_rotation(role: str, rotation: Rotation) -> None:
    for verb, keyids in (("gets", rotation.made), ("gives up", rotation.removed)):
        for keyid in keyids:
            known = f"{rotation.names[keyid]} " if keyid in rotation.names else ""
            say(f"{role} {verb} the key {known}{keyid[:SHOWN]}")
    if role == Root.type:
        for keyid in rotation.made:
            name = rotation.names[keyid]
            say(f"carry {name}.{keyid[:SHOWN]}.pem apart from the desk now; --passphrase-file calls it {name}")
    if rotation.removed:
        say("after publish, destroy the file of each key given up, wherever it lies")
    _tell_missing(rotation.path, rotation.missing)
    if rotation.missing:
        _tell_what_is_signed(rotation.path)


def _tell_what_is_signed(path: Path) -> str:
    sha256 = signed_sha256(path)
    say(f"SHA-256 of what is signed in {path.name}, the same at the desk and wherever somebody signs:")
    say(f"  {in_groups(sha256)}")
    return sha256


def _sign(options: argparse.Namespace) -> int:
    shown = None if options.file is None else _tell_what_is_signed(options.file)
    if (options.desk / "desk.json").exists():
        for signing in open_desk(options).sign(options.file):
            _tell_signing(signing)
            _tell_missing(signing.path, signing.missing or 0)
    elif options.file is not None:
        folders = (*options.keys, options.file.parent)
        _tell_signing(sign_root(options.file, Keyring(folders, passphrases_of(options)), shown=shown))
        say(f"bring {options.file.name} back to the desk: sign FILE there says whether it is complete")
    else:
        msg = "there is no desk here; name the file to be signed, N.root.json"
        raise WrongUsage(msg)
    return EXIT_OK


def _tell_signing(signing: Signing) -> None:
    for keyid in signing.added:
        say(f"{signing.path.name} is signed with {keyid[:SHOWN]}")


def _tell_missing(path: Path, missing: int) -> None:
    if missing:
        say(f"{path} waits for {count(missing, 'signature')} more: sign it where other keys of root are, bring it back")
    else:
        say(f"{path} is complete; publish takes it")


def _role_in_token(text: str) -> tuple[str, str]:
    role, separator, uri = text.partition("=")
    if not separator or not role or not uri:
        msg = "it is ROLE=URI, such as timestamp=hsm:2?label=thechip"
        raise argparse.ArgumentTypeError(msg)
    return role, uri

"""What is published, and by whom: roles, the paths that each may sign, and the names of the lists.

Publisher and appliance share this page and nothing else. Paths are those of The Update Framework's targets; every one
is a folder and a name, and an appliance takes no others.
"""

import re
from typing import Final

from appliance.errors import ListRefused

CENTRAL: Final = "central"
"""The role that signs what is the same everywhere."""
_PROVINCE: Final = "province-"

ISSUERS: Final = "trust/issuers.zip"
"""CSCA and link certificates, DER."""
CRLS: Final = "trust/crls.zip"
"""The CRLs of these issuers, DER."""
CARD_STATUS_KEY: Final = "card-status/issuer.key"
"""The card status list's issuer: an Ed25519 public key, hexadecimal."""
CARD_STATUS_BASE: Final = "card-status/base.list"
"""A complete card status list, renewed about once a month."""
CARD_STATUS_DELTA: Final = "card-status/delta"
"""What changed since that base, all of it; where there is none, the base is today's list."""
RULES_FOLDER: Final = "rules"
ROSTERS_FOLDER: Final = "rosters"

CENTRAL_PATHS: Final = ("trust/*", "card-status/*", "rules/*")
"""What ``central`` may sign."""

ISSUED: Final = "x-thechip-issued"
"""The field of signed metadata that says when it was signed: ``2026-11-29T03:00:00Z``."""
ISSUED_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"

_PROVINCE_CODE: Final = re.compile(r"[a-z0-9]{1,16}")
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


def province_role(code: str) -> str:
    """Return the role that signs a province's rosters.

    >>> province_role("01")
    'province-01'
    """
    return _PROVINCE + require_province(code)


def province_of(role: str) -> str | None:
    """Return the code of the province whose role this is."""
    return role.removeprefix(_PROVINCE) if role.startswith(_PROVINCE) else None


def province_paths(code: str) -> tuple[str, ...]:
    """Return what a province may sign.

    >>> province_paths("01")
    ('rosters/01/*',)
    """
    return (f"{ROSTERS_FOLDER}/{require_province(code)}/*",)


def roster_path(province: str, chi_bo: str) -> str:
    """Return where a chi bộ's roster is published.

    >>> roster_path("01", "phuong-mau-3")
    'rosters/01/phuong-mau-3.age'
    """
    return f"{ROSTERS_FOLDER}/{require_province(province)}/{require_name(chi_bo)}.age"


def rules_path(version: str) -> str:
    """Return where a version of the rules is published.

    >>> rules_path("2026-2")
    'rules/2026-2.json'
    """
    return f"{RULES_FOLDER}/{require_name(version)}.json"


def rules_version_of(path: str) -> str | None:
    """Return the version of the rules at a path; ``None`` where something else, or nothing, could lie there."""
    folder, _, name = path.partition("/")
    version = name.removesuffix(".json")
    return version if folder == RULES_FOLDER and version != name and _NAME.fullmatch(version) else None


def require_province(code: str) -> str:
    """Return the code of a province, lower-case letters and digits. Raises ``ListRefused`` for another text."""
    if not _PROVINCE_CODE.fullmatch(code):
        msg = "a province is named by 1 to 16 lower-case letters and digits"
        raise ListRefused(msg)
    return code


def require_name(name: str) -> str:
    """Return a name that any server, stick and file system takes. Raises ``ListRefused`` for another text."""
    if not _NAME.fullmatch(name) or ".." in name:
        msg = "a list is named by 1 to 64 lower-case letters, digits, dots, hyphens and underscores"
        raise ListRefused(msg)
    return name

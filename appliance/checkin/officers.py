"""Officers, as records name them; and that two of them are two."""

import re
from dataclasses import dataclass, field
from typing import Final

from appliance.errors import RuleViolation
from appliance.ledger.canonical_json import JsonValue
from appliance.names import clean, spelled

_USERNAME: Final = re.compile(r"\s*\([^\s()]+\)\s*\Z")
"""What follows the display name of an account in the records (``Account.in_records``)."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who did something: the number of their account on this appliance, and their name as the records have it."""

    account_id: int
    name: str = field(repr=False)

    def is_same_as(self, account_id: object, name: object) -> bool:
        """Tell whether a record of this account and this name is about the same person: either is enough.

        Two accounts of one display name are one person, in whatever spelling (``names.spelled``).
        """
        return self.account_id == account_id or (isinstance(name, str) and _is_one_name(self.name, name))

    def as_recorder(self) -> dict[str, JsonValue]:
        """Return what an entry says of the officer who recorded it; RuleViolation without a name."""
        return {"recorded_by": clean(self.name, "the officer"), "recorded_by_account": self.account_id}

    def as_confirmer(self) -> dict[str, JsonValue]:
        """Return what an entry says of the officer who confirmed it; RuleViolation without a name."""
        return {"confirmed_by": clean(self.name, "the second officer"), "confirmed_by_account": self.account_id}


def two_officers(recorded_by: str, confirmed_by: str) -> dict[str, JsonValue]:
    """Return what an entry says of two officers; RuleViolation for one officer twice, or none."""
    first, second = clean(recorded_by, "the officer"), clean(confirmed_by, "the second officer")
    if _is_one_name(first, second):
        raise not_another()
    return {"recorded_by": first, "confirmed_by": second}


def not_another() -> RuleViolation:
    """Return the error for one officer twice."""
    return RuleViolation("the officer who confirms must be another one than the officer who records")


def _is_one_name(one: str, other: str) -> bool:
    return _without_username(one) == _without_username(other)


def _without_username(name: str) -> str:
    """Return a name as it is compared; one that is nothing but punctuation as it is written."""
    return spelled(_USERNAME.sub("", name)) or spelled(name) or name

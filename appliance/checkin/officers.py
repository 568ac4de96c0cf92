"""Officers, as records name them; and that two of them are two.

On one appliance officers are told apart by their accounts, and two may have one name. Where a record has no account,
since another appliance made it, the name is all that there is.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from appliance.errors import RuleViolation
from appliance.ledger.canonical_json import JsonValue
from appliance.names import clean, spelled

_USERNAME: Final = re.compile(r"\s*\(([^\s()]+)\)\s*\Z")
"""What follows the display name of an account in the records (``Account.in_records``)."""


class SameOfficer(RuleViolation):
    """One officer twice, where two are needed."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who did something: the number of their account on this appliance, and their name as the records have it."""

    account_id: int
    name: str = field(repr=False)

    def is_same_as(self, account_id: object, name: object) -> bool:
        """Tell whether a record is this officer's: by its account, and by the name where it has none.

        A record without an account is another appliance's, whose usernames are not ours: one display name is one
        person then, in whatever spelling (``names.spelled``).
        """
        if account_id is not None:
            return self.account_id == account_id
        return isinstance(name, str) and _without_username(self.name) == _without_username(name)

    def as_recorder(self) -> dict[str, JsonValue]:
        """Return what an entry says of the officer who recorded it; RuleViolation without a name."""
        return {"recorded_by": clean(self.name, "the officer"), "recorded_by_account": self.account_id}

    def as_confirmer(self) -> dict[str, JsonValue]:
        """Return what an entry says of the officer who confirmed it; RuleViolation without a name."""
        return {"confirmed_by": clean(self.name, "the second officer"), "confirmed_by_account": self.account_id}


def two_officers(recorded_by: str, confirmed_by: str) -> dict[str, JsonValue]:
    """Return what an entry says of two officers; SameOfficer for one officer twice, RuleViolation for none.

    Both are of one appliance: two accounts are two officers, also of one display name.
    """
    first, second = clean(recorded_by, "the officer"), clean(confirmed_by, "the second officer")
    if _is_one_officer(first, second):
        raise not_another()
    return {"recorded_by": first, "confirmed_by": second}


def not_another() -> SameOfficer:
    """Return the error for one officer twice."""
    return SameOfficer("the officer who confirms must be another one than the officer who records")


def _is_one_officer(one: str, other: str) -> bool:
    accounts = [found[1].casefold() for name in (one, other) if (found := _USERNAME.search(name))]
    if len(accounts) == 2:
        return accounts[0] == accounts[1]
    return _without_username(one) == _without_username(other)


def _without_username(name: str) -> str:
    """Return a name as it is compared; one that is nothing but punctuation as it is written."""
    return spelled(_USERNAME.sub("", name)) or spelled(name) or name

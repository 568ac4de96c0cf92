"""Finding members by name. Names lie sealed, so that no index of the store knows them: all are opened, each once.

What was opened is kept in this process by its sealed bytes, which are others as soon as a name changes. So nothing has
to be told to this cache, and whoever was erased or left is out of it after the next search.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, LargeBinary, select, type_coerce

from appliance.names import folded
from appliance.storage.members import members
from appliance.storage.sealed_text import SealedText

_OPENER = SealedText()


class NameSearch:
    """The folded names of a roster, as far as this process has opened them. Safe for several threads."""

    def __init__(self) -> None:
        self._folded: dict[bytes, str] = {}

    def matching(self, reader: Connection, words: Iterable[str], *, most: int) -> tuple[int, ...]:
        """Return the numbers of up to ``most`` members on the roster whose folded name holds every word, by name."""
        wanted = tuple(words)
        query = select(members.c.id, type_coerce(members.c.name, LargeBinary).label("sealed"))
        rows = reader.execute(query.where(members.c.left_at.is_(None))).all()
        known = self._folded
        self._folded = now = {sealed: known.get(sealed) or _open(reader, sealed) for _, sealed in rows}
        found = sorted((now[sealed], number) for number, sealed in rows if all(word in now[sealed] for word in wanted))
        return tuple(number for _, number in found[:most])


def _open(reader: Connection, sealed: bytes) -> str:
    return folded(_OPENER.process_result_value(sealed, reader.dialect) or "")

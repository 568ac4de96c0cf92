"""Who looked at whom: each page that shows persons says so before it shows them."""

import logging

from appliance.errors import StorageError
from appliance.persons import Look, Purpose
from appliance.standing.entries import member_subject
from web_admin.services import now, services
from web_admin.signin import current_account

_logger = logging.getLogger(__name__)


def note_look(what: Look, *, meeting_id: int, member_id: int | None = None) -> None:
    """Record that whoever is signed in looks at a meeting's list, or at one member of it.

    Where the store cannot record it the page is shown all the same, with a line in the log: a full disk must not keep
    the officers of an open meeting from seeing who is there.
    """
    try:
        require_look(what, meeting_id=meeting_id, member_id=member_id)
    except StorageError as error:
        _logger.warning("a look of account %d could not be recorded: %s", current_account().id, error.reason)


def require_look(what: Look, *, meeting_id: int, member_id: int | None = None) -> None:
    """Record a look, or raise StorageError: for what is taken away as a file."""
    services().access_log.looked(
        current_account().id,
        what,
        Purpose.ATTENDANCE,
        at=now(),
        meeting_id=meeting_id,
        subject=None if member_id is None else member_subject(member_id),
    )

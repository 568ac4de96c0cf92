"""Proposals: another officer than the one who made it confirms it, and anybody declines it with a reason."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.checkin.decision import Decision
from appliance.checkin.officers import Officer
from appliance.errors import RuleViolation
from appliance.ledger import Entry, EntryKind
from web_admin.by_hand.blueprint import blueprint, entry_of, recordable, to_meeting
from web_admin.by_hand.page import form_page, member_in, seen_name
from web_admin.by_hand.word_forms import ReasonForm
from web_admin.services import now, services
from web_admin.signin import current_account


@blueprint.post("/meetings/<int:meeting_id>/entries/<int:sequence>/confirm")
def confirm(meeting_id: int, sequence: int) -> ResponseReturnValue:
    """Confirm what another officer proposed; who proposed it is told by the account."""
    member = recordable(services().meetings.get(meeting_id), member_in(_proposal(meeting_id, sequence)))
    done = services().proposals.confirm(sequence, by=_officer(), at=now())
    if done.decision is Decision.ALREADY_PRESENT:
        flash(gettext("%(name)s was on the list already; nothing was changed.", name=member.name), "good")
    else:
        flash(gettext("%(name)s is recorded by hand.", name=member.name), "good")
    return to_meeting(meeting_id)


@blueprint.route("/meetings/<int:meeting_id>/entries/<int:sequence>/decline", methods=["GET", "POST"])
def decline(meeting_id: int, sequence: int) -> ResponseReturnValue:
    """Ask for the reason; whoever proposed it takes it back in the same way."""
    entry = _proposal(meeting_id, sequence)
    form = ReasonForm()
    if form.validate_on_submit():
        with form.once():
            services().proposals.decline(sequence, reason=form.reason.data, by=_officer(), at=now())
        flash(gettext("The proposal is declined, and stays on record."), "good")
        return to_meeting(meeting_id)
    return form_page(
        form,
        services().meetings.get(meeting_id),
        heading=seen_name(entry),
        lead=gettext("An officer proposed them as present. Why is it not so?"),
        submit=gettext("Decline the proposal"),
    )


def _proposal(meeting_id: int, sequence: int) -> Entry:
    entry = entry_of(meeting_id, sequence)
    if entry.kind is not EntryKind.PROPOSED:
        msg = f"entry {sequence} is no proposal"
        raise RuleViolation(msg)
    return entry


def _officer() -> Officer:
    return Officer(current_account().id, current_account().in_records)

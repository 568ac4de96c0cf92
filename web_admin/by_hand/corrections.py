"""Corrections: an entry that is wrong counts no more, on the word of two officers; it stays, and a new one names it."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.checkin.by_hand import CORRECTABLE
from appliance.errors import RuleViolation
from web_admin.by_hand.blueprint import blueprint, entry_of, to_meeting
from web_admin.by_hand.page import form_page, seen_name
from web_admin.by_hand.word_forms import ConfirmedReasonForm
from web_admin.services import now, services
from web_admin.signin import current_account


@blueprint.route("/meetings/<int:meeting_id>/entries/<int:sequence>/correct", methods=["GET", "POST"])
def correct(meeting_id: int, sequence: int) -> ResponseReturnValue:
    """Ask what was wrong, and for the second officer; the entry counts no more."""
    entry = entry_of(meeting_id, sequence)
    if entry.kind not in CORRECTABLE:
        msg = f"an entry of the kind {entry.kind} is never corrected"
        raise RuleViolation(msg)
    form = ConfirmedReasonForm()
    if form.validate_on_submit() and (second := form.second_officer()) is not None:
        with form.once():
            services().checkins.correct(
                sequence,
                reason=form.reason.data,
                recorded_by=current_account().in_records,
                confirmed_by=second.in_records,
                at=now(),
            )
        flash(gettext("Corrected: that entry counts no more, and stays on record."), "good")
        return to_meeting(meeting_id)
    return form_page(
        form,
        services().meetings.get(meeting_id),
        heading=seen_name(entry),
        lead=gettext("What was wrong with entry %(number)d? It counts no more, and stays on record.", number=sequence),
        submit=gettext("Correct"),
    )

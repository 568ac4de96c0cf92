"""The appliance's services, as the views ask for them, and the page's clock."""

from datetime import datetime
from typing import cast

from flask import current_app

from appliance.minutes.attendance import AttendanceService
from appliance.services import Services

SERVICES = "thechip-services"
ATTENDANCE = "thechip-attendance"
CLOCK = "thechip-clock"


def services() -> Services:
    """Return the services of the running application; views use nothing else of the appliance."""
    return cast("Services", current_app.extensions[SERVICES])


def attendance() -> AttendanceService:
    """Return the reader of attendance lists."""
    return cast("AttendanceService", current_app.extensions[ATTENDANCE])


def now() -> datetime:
    """Return the time (aware, UTC) by the clock that the application was made with."""
    return cast("datetime", current_app.extensions[CLOCK]())

"""``POST /bundles``: a bundle of a paired appliance, the same bytes that a stick would carry.

Nobody signs in: it is sealed to this appliance, and signed by one that was paired with it. A stranger learns nothing,
not even whom this appliance knows; only whoever signed as a paired appliance is told that it was refused.
"""

import logging
import threading
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from flask import Blueprint, Response, request

from appliance.bundles.service import BundleService
from appliance.errors import ApplianceError, DeviceContradicts, ListRefused, PlanRefused
from web_admin.services import now, services
from web_admin.tries import Allowance

blueprint = Blueprint("bundles", __name__)

TRIES: Final = (Allowance(6, within=timedelta(minutes=1)), Allowance(60, within=timedelta(hours=1)))
_logger = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()
"""Each may be 16 MB long, and take seconds."""


@blueprint.post("/bundles")
def receive() -> Response:
    """Keep a bundle: 204 once it is durable.

    409 for a paired appliance's that is refused, 503 where nothing can be kept now, and 400 for everything else.
    """
    sealed = request.get_data(cache=False)  # first: who sends it slowly keeps nobody else waiting
    if not _one_at_a_time.acquire(blocking=False):
        return Response(status=503, headers={"Retry-After": "10"})
    try:
        status = _kept(sealed)
    finally:
        _one_at_a_time.release()
    answer = Response(status=status)
    if status == 204:
        answer.call_on_close(partial(_take_over, services().bundles, now()))  # thousands take a minute
    return answer


def _take_over(bundles: BundleService, at: datetime) -> None:
    try:
        bundles.take_over(at=at)
    except ApplianceError as error:
        _logger.error("what another appliance recorded waits: %s", error.reason)  # noqa: TRY400 – its reason is enough


def _kept(sealed: bytes) -> int:
    try:
        received = services().bundles.receive(sealed, at=now(), by_network=True, take_over=False)
    except (DeviceContradicts, PlanRefused) as error:
        _logger.warning("a paired appliance's bundle was refused: %s", error.reason)
        return 409
    except ListRefused as error:
        _logger.info("a bundle was refused: %s", error.reason)
        return 400
    except ApplianceError as error:
        _logger.error("a bundle could not be kept: %s", error.reason)  # noqa: TRY400 – its reason is all that is told
        return 503
    _logger.info("a bundle of appliance %d was kept, with %d new entries", received.device.id, received.new)
    return 204

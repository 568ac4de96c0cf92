"""The composition root for gunicorn: ``gunicorn --config python:web_admin.gunicorn_settings web_admin.wsgi:app``.

Reads its settings from the environment: ``THECHIP_CONFIG`` (a configuration file) or ``THECHIP_STATE`` (a state
directory with every default), ``THECHIP_DEMO=1`` for the demo, ``THECHIP_ALLOWED_HOSTS`` (comma separated names,
besides those of the configuration).
"""

import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import Flask

from appliance.config import Config
from appliance.errors import ApplianceError, ConfigError
from appliance.keys.protection import open_keys
from web_admin.app import create_app
from web_admin.closed_app import create_closed_app
from web_admin.opening import OpeningPage


def from_environment() -> OpeningPage:
    """Return the application that the environment describes. Raises ``ConfigError`` when it names none."""
    config = _config()
    demo = os.environ.get("THECHIP_DEMO", "") == "1"

    def open_it() -> Flask:
        now = _config()  # as it is by then: whoever mends what keeps the page closed may have to change it
        open_keys(now)  # before the store, which is opened for nothing while they are locked
        return create_app(now, demo=demo, allowed_hosts=_hosts(now))

    closed = partial(create_closed_app, config, clock=lambda: datetime.now(UTC), allowed_hosts=_hosts(config))
    return OpeningPage(open_it, lambda trouble: closed(trouble=trouble), announce=_say)


def _hosts(config: Config) -> list[str]:
    besides = os.environ.get("THECHIP_ALLOWED_HOSTS", "").split(",")
    return [*config.allowed_hosts, *(host.strip() for host in besides if host.strip())]


def _config() -> Config:
    if path := os.environ.get("THECHIP_CONFIG"):
        return Config.load(Path(path))
    if directory := os.environ.get("THECHIP_STATE"):
        return Config.for_state(Path(directory))
    msg = "set THECHIP_CONFIG to a configuration file, or THECHIP_STATE to a state directory"
    raise ConfigError(msg)


def _say(line: str) -> None:
    sys.stderr.write(f"web_admin: {line}\n")
    sys.stderr.flush()


try:
    app = from_environment()
except ApplianceError as error:
    _say(f"{error.sentence} [{error.reason}]")
    sys.exit(4)  # gunicorn's word for an application that does not load: it gives up at once

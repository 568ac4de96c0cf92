"""The composition root for gunicorn: ``gunicorn --config python:web_admin.gunicorn_settings web_admin.wsgi:app``.

Reads its settings from the environment: ``THECHIP_CONFIG`` (a configuration file) or ``THECHIP_STATE`` (a state
directory with every default), ``THECHIP_DEMO=1`` for the demo, ``THECHIP_ALLOWED_HOSTS`` (comma separated names,
besides those of the configuration).
"""

import os
import sys
from pathlib import Path

from flask import Flask

from appliance.config import Config
from appliance.errors import ApplianceError, ConfigError
from web_admin.app import create_app


def from_environment() -> Flask:
    """Return the application that the environment describes. Raises ``ConfigError`` when it names none."""
    hosts = os.environ.get("THECHIP_ALLOWED_HOSTS", "").split(",")
    config = _config()
    return create_app(
        config,
        demo=os.environ.get("THECHIP_DEMO", "") == "1",
        allowed_hosts=[*config.allowed_hosts, *(host.strip() for host in hosts if host.strip())],
    )


def _config() -> Config:
    if path := os.environ.get("THECHIP_CONFIG"):
        return Config.load(Path(path))
    if directory := os.environ.get("THECHIP_STATE"):
        return Config.for_state(Path(directory))
    msg = "set THECHIP_CONFIG to a configuration file, or THECHIP_STATE to a state directory"
    raise ConfigError(msg)


try:
    app = from_environment()
except ApplianceError as error:
    sys.stderr.write(f"web_admin: {error.sentence} [{error.reason}]\n")
    sys.exit(4)  # gunicorn's word for an application that does not load: it gives up at once

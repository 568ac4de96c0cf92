"""The page as it is served, on a machine with a stick: the folder ``THECHIP_TEST_STICK``, while it is there."""

import os
from pathlib import Path

from web_admin.wsgi import app

_STICK = Path(os.environ["THECHIP_TEST_STICK"])
app.app.extensions["thechip-lists"].keeper.sticks = lambda: (_STICK,) if _STICK.is_dir() else ()

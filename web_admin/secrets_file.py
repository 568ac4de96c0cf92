"""The key that signs session cookies: made once, kept beside the appliance's other keys."""

import os
import secrets
from pathlib import Path

from appliance.errors import KeyDamaged

LENGTH = 32


def load_or_create_secret(path: Path) -> bytes:
    """Return the 32 bytes kept in ``path``, made at the first start (mode 0600). Raises ``KeyDamaged``."""
    if not path.exists():
        _create(path)
    secret = path.read_bytes()
    if len(secret) != LENGTH:
        msg = f"{path} does not hold {LENGTH} bytes; without it everybody only has to sign in again"
        raise KeyDamaged(msg)
    return secret


def _create(path: Path) -> None:
    """Make the whole file under another name first; of two processes that start at once, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(LENGTH))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()

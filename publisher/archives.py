"""Archives of certificates and CRLs: the same bytes for the same content, whoever makes them and when."""

import io
import zipfile
from collections.abc import Iterable
from hashlib import sha256

from publisher.errors import ListRejected

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o100644 << 16
MOST_MEMBERS = 1000
LONGEST_TOTAL = 64 << 20
"""Bytes. Both are bounds of the SDK's trust folder (docs/trust.md)."""


def pack(items: Iterable[bytes], suffix: str) -> bytes:
    """Return a zip archive of DER objects, each named by its SHA-256; stored, since DER hardly shrinks.

    Raises ``ListRejected`` for more than appliances read.
    """
    files = {f"{sha256(item).hexdigest()}.{suffix}": item for item in items}
    if len(files) > MOST_MEMBERS or sum(map(len, files.values())) > LONGEST_TOTAL:
        msg = f"here are {len(files)} objects; an archive holds {MOST_MEMBERS}, of {LONGEST_TOTAL} bytes together"
        raise ListRejected(msg)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.create_system, info.external_attr = _UNIX, _MODE
            archive.writestr(info, files[name])
    return buffer.getvalue()

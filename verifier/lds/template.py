"""The outermost data object that every elementary file of the application consists of."""

from verifier.errors import MalformedData
from verifier.iso7816 import tlv
from verifier.lds.elementary_files import ElementaryFile


def unwrap(file: ElementaryFile, raw: bytes) -> bytes:
    """Return the content of a file's template, its structure walked with the limits of ``iso7816.tlv``.

    Raises ``MalformedData`` where the file is no single data object with the tag that ICAO 9303-10, table 38 gives it.
    """
    template = tlv.decode_one(raw)
    if template.tag != file.tag:
        msg = f"{file.name} does not start with tag {file.tag or 0:02X}"
        raise MalformedData(msg)
    return template.value

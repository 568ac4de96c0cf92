"""The QR code of a paper checkpoint: ISO/IEC 18004, version 10 (57 × 57 modules), error correction M.

At half a millimetre for a module it is 29 mm wide, with its margin 33 mm; a seventh of it may be stained.
"""

import io

import segno

_MARGIN = 4
"""Light modules around it, as the standard asks for."""


def qr_svg(line: str, *, module_mm: float = 0.5) -> str:
    """Return the code as an SVG document of its size on paper, dark on light, without a script or a style sheet."""
    drawn = io.BytesIO()
    _code(line).save(drawn, kind="svg", scale=module_mm, unit="mm", border=_MARGIN, light="white", xmldecl=False)
    return drawn.getvalue().decode()


def qr_png(line: str, *, module_pixels: int = 8) -> bytes:
    """Return the code as a PNG file of two colours."""
    drawn = io.BytesIO()
    _code(line).save(drawn, kind="png", scale=module_pixels, border=_MARGIN)
    return drawn.getvalue()


def _code(line: str) -> segno.QRCode:
    return segno.make_qr(line, error="m", boost_error=False)

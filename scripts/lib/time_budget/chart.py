"""The budgets as stacked bars: an SVG that needs no colour, for each part has a hatching of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from time_budget.budget import Bar

from appliance.firmware_host.simulator.link_time import Part

_WIDTH, _LEFT, _RIGHT, _TOP = 860, 128, 96, 62
_BAR, _GAP, _FOOT = 34, 20, 44
_LEAST_LABEL_PX = 26
"""A narrower part has its number in the table only."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a part is drawn: its fill, the lines over it, and the colour of the number in it."""

    title: str
    fill: str
    hatching: str
    ink: str = "#111"


_LOOKS = {
    "air": Look("air", "#9ecae1", '<path d="M-2 10 10 -2M6 14 14 6" stroke="#2b6a99" stroke-width="1.4"/>'),
    "line": Look("line and reader", "#fde9a9", '<circle cx="3" cy="3" r="1.3" fill="#9a7400"/>'),
    "chip": Look("chip", "#e3e3e3", '<path d="M0 3H12M0 9H12" stroke="#8a8a8a" stroke-width="1.2"/>'),
    "ours": Look("ours", "#b3202c", "", "#fff"),
}


def parts_of(bar: Bar) -> dict[str, float]:
    """Return the seconds of each part that the chart shows, in its order."""
    return {
        "air": bar.link[Part.AIR],
        "line": bar.link[Part.LINE] + bar.link[Part.READER],
        "chip": bar.link[Part.CHIP],
        "ours": bar.ours,
    }


def draw(title: str, bars: Sequence[Bar]) -> str:
    """Return the SVG of these bars, over one scale."""
    longest_ms = max(bar.whole for bar in bars) * 1e3
    step = next(step for step in (50, 100, 200, 250, 500, 1000) if longest_ms / step <= 10)
    per_ms = (_WIDTH - _LEFT - _RIGHT) / longest_ms
    height = _TOP + len(bars) * (_BAR + _GAP) + _FOOT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="13">',
        "<defs>",
        *(_pattern(name, look) for name, look in _LOOKS.items()),
        "</defs>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="22" font-weight="700" font-size="15">{escape(title)}</text>',
        *_legend(),
        *_scale(longest_ms, step, per_ms, height),
    ]
    for number, bar in enumerate(bars):
        lines += _bar(bar, _TOP + number * (_BAR + _GAP) + 8, per_ms)
    return "\n".join([*lines, "</svg>", ""])


def _pattern(name: str, look: Look) -> str:
    size = 6 if name == "line" else 12
    return (
        f'<pattern id="{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
        f'<rect width="{size}" height="{size}" fill="{look.fill}"/>{look.hatching}</pattern>'
    )


def _legend() -> Iterator[str]:
    left = _LEFT
    for name, look in _LOOKS.items():
        yield f'<rect x="{left}" y="34" width="26" height="14" fill="url(#{name})" stroke="#333"/>'
        yield f'<text x="{left + 32}" y="46">{look.title}</text>'
        left += 60 + 8 * len(look.title)


def _scale(longest_ms: float, step: int, per_ms: float, height: int) -> Iterator[str]:
    bottom = height - _FOOT + 4
    for at in range(0, int(longest_ms) + 1, step):
        x = round(_LEFT + at * per_ms, 1)
        yield f'<path d="M{x} {_TOP}V{bottom}" stroke="#ccc"/>'
        yield f'<text x="{x}" y="{bottom + 16}" text-anchor="middle" fill="#444" font-size="11">{at}</text>'
    yield f'<text x="{_WIDTH - _RIGHT + 40}" y="{bottom + 16}" fill="#444" font-size="11">ms</text>'


def _bar(bar: Bar, top: int, per_ms: float) -> Iterator[str]:
    middle = top + _BAR / 2 + 5
    yield f'<text x="12" y="{middle - 8}" font-weight="600">{escape(bar.kind.value)}</text>'
    yield f'<text x="12" y="{middle + 9}" fill="#444">{bar.rate} kbit/s</text>'
    left = float(_LEFT)
    for name, seconds in parts_of(bar).items():
        width = round(seconds * 1e3 * per_ms, 1)
        yield f'<rect x="{left}" y="{top}" width="{width}" height="{_BAR}" fill="url(#{name})" stroke="#333"/>'
        if width >= _LEAST_LABEL_PX:
            yield from _number(seconds * 1e3, left + width / 2, middle, _LOOKS[name])
        left = round(left + width, 1)
    yield f'<text x="{left + 6}" y="{middle - 8}" font-weight="600">{bar.whole * 1e3:.0f} ms</text>'
    yield f'<text x="{left + 6}" y="{middle + 9}" fill="#b3202c">ours {bar.share:.1%}</text>'


def _number(milliseconds: float, x: float, y: float, look: Look) -> Iterator[str]:
    text = f"{milliseconds:.0f}"
    width = 9 * len(text) + 4
    if look.hatching:  # a number over lines needs a ground of its own
        yield f'<rect x="{x - width / 2:.1f}" y="{y - 13}" width="{width}" height="17" fill="{look.fill}"/>'
    yield f'<text x="{x:.1f}" y="{y}" text-anchor="middle" fill="{look.ink}">{text}</text>'

"""The budgets as text: for the terminal, and for the page."""

from collections.abc import Iterator, Sequence

from time_budget.budget import Bar
from time_budget.chart import parts_of
from time_budget.stopwatch import Step

_HEAD = ("card", "kbit/s", "chip", "air", "line, reader", "chip’s time", "ours", "whole", "share")


def budgets(bars: Sequence[Bar]) -> Iterator[str]:
    """Yield a Markdown table: a line for each bar, in milliseconds."""
    yield from _table(
        _HEAD,
        (
            (
                bar.kind.value,
                str(bar.rate),
                bar.chip,
                *(f"{seconds * 1e3:.0f}" for seconds in parts_of(bar).values()),
                f"{bar.whole * 1e3:.0f}",
                f"{bar.share:.1%}",
            )
            for bar in bars
        ),
    )


def own_parts(bars: Sequence[Bar]) -> Iterator[str]:
    """Yield a Markdown table of what is ours, in milliseconds."""
    yield from _table(
        ("card", "kbit/s", *(step.value for step in Step), "ours", "99 of 100", "lay there unnoticed"),
        (
            (
                bar.kind.value,
                str(bar.rate),
                *(f"{bar.own[step] * 1e3:.1f}" for step in Step),
                f"{bar.ours * 1e3:.0f}",
                f"{bar.percentile(99) * 1e3:.0f}",
                f"{bar.unnoticed * 1e3:.0f}",
            )
            for bar in bars
        ),
    )


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "| " + " | ".join("---" for _ in head) + " |"
    for row in rows:
        yield "| " + " | ".join(row) + " |"

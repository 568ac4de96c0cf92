"""A stream of output: how wide it is, and colours where there is a terminal and ``rich``."""

import shutil
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_LEAST_WIDTH = 40


class Terminal:
    """What is known of a stream. Without ``rich``, without a terminal, or on a dumb one, it takes plain lines."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.console = _console(stream) if self.is_terminal else None
        """For what moves and what has colours; ``None`` where neither is possible."""

    @property
    def width(self) -> int | None:
        """Columns to wrap at; ``None`` where a program reads, which wants each sentence in one line."""
        if not self.is_terminal:
            return None
        return max(_LEAST_WIDTH, shutil.get_terminal_size((80, 24)).columns)

    @property
    def speaks_unicode(self) -> bool:
        """Whether signs beyond ASCII can be written."""
        return (self.stream.encoding or "").lower().replace("-", "").startswith("utf")

    def write(self, line: str, style: str = "") -> None:
        """Write a line, in a style of ``rich`` where colours are possible."""
        if self.console is None or not style:
            self.stream.write(line + "\n")
        else:
            from rich.text import Text  # noqa: PLC0415 - optional; a console is there, so it is installed

            self.console.print(Text(line, style=style), soft_wrap=True)
        self.stream.flush()


def _console(stream: TextIO) -> "Console | None":
    try:
        from rich.console import Console  # noqa: PLC0415 - optional, and slow to load
    except ImportError:
        return None
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    return console if console.is_terminal and not console.is_dumb_terminal else None

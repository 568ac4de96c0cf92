"""What a reading does, step by step: a line that moves where there is a terminal and ``rich``, else plain lines.

The steps say nothing about the holder, since people look over shoulders and logs are kept.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

from verifier.cli.terminal import Terminal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status
    from rich.text import Text

_WORTH_TELLING_S = 0.1


class Steps(Protocol):
    """Where a command says how it goes on."""

    def begin(self, step: str) -> None:
        """Say which step begins; the one before it is then done."""
        ...

    def detail(self, text: str) -> None:
        """Say how far the step has come, where that can be shown in passing."""
        ...


@contextmanager
def following(terminal: Terminal, *, quiet: bool) -> Iterator[Steps]:
    """Give what shows the steps: to nobody where ``quiet``, since machines are not told how things go."""
    if quiet:
        yield _NoSteps()
    elif terminal.console is None:
        yield _PlainSteps(terminal)
        if terminal.is_terminal:
            terminal.write("")
    else:
        moving = _MovingSteps(terminal, terminal.console)
        try:
            yield moving
        except BaseException:
            moving.end(done=False)
            raise
        moving.end(done=True)
        terminal.write("")


class _NoSteps:
    def begin(self, step: str) -> None:
        pass

    def detail(self, text: str) -> None:
        pass


class _PlainSteps:
    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._more = "…" if terminal.speaks_unicode else "..."

    def begin(self, step: str) -> None:
        self._terminal.write(f"{step} {self._more}")

    def detail(self, text: str) -> None:
        pass


class _MovingSteps:
    """The step under way turns; those before it stand above, with the time that they took."""

    def __init__(self, terminal: Terminal, console: "Console") -> None:
        self._terminal, self._console = terminal, console
        self._done, self._failed = ("✓", "✗") if terminal.speaks_unicode else ("+", "x")
        self._spinner = "dots" if terminal.speaks_unicode else "line"
        self._step = ""
        self._began_at = 0.0
        self._showing = ExitStack()
        self._status: Status | None = None

    def begin(self, step: str) -> None:
        self.end(done=True)
        self._step, self._began_at = step, time.monotonic()
        self._status = self._showing.enter_context(self._console.status(self._text(step), spinner=self._spinner))

    def detail(self, text: str) -> None:
        if self._status is not None:
            self._status.update(self._text(f"{self._step}: {text}"))

    def _text(self, plain: str) -> "Text":
        """Return text as it is: names of readers have brackets in them, which are markup elsewhere."""
        from rich.text import Text  # noqa: PLC0415 - optional; a console is there, so it is installed

        return Text(plain)

    def end(self, *, done: bool) -> None:
        self._showing.close()
        if self._step:
            sign, style = (self._done, "dim") if done else (self._failed, "")
            seconds = time.monotonic() - self._began_at
            took = f"  {seconds:.1f} s" if seconds >= _WORTH_TELLING_S else ""
            self._terminal.write(f"{sign} {self._step}{took}", style)
        self._step, self._status = "", None

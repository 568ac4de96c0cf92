"""One sync: the sources in their order, until one has given what it has.

A mirror that answers well ends it, changed or not; a stick is asked when no mirror does, or by name. What a source did
wrong is remembered by its reason code.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from appliance.errors import ApplianceError, ListRefused, SourceIncomplete, SourceUnreachable, SyncRuns
from appliance.lists.folder import ListsFolder
from appliance.lists.history import Attempt, Outcome, remember
from appliance.lists.publication import LONGEST_ROOT, ChiBo
from appliance.lists.sources.source import Source, SourceKind
from appliance.lists.taking_up import TakenUp, take_up
from appliance.names import count

log = logging.getLogger(__name__)

_NEXT_ONE_MAY_DO: Final = (ListRefused, SourceUnreachable, SourceIncomplete)

Progress = Callable[[Source, int], None]
"""Told which source is asked, and how many bytes came from it so far."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync came to: from which source, and what failed before."""

    source: Source
    taken: TakenUp
    received: int
    failures: tuple[tuple[Source, ApplianceError], ...] = ()

    @property
    def outcome(self) -> Outcome:
        """In one word."""
        if self.taken.has_new_lists:
            return Outcome.INSTALLED
        return Outcome.RENEWED if self.taken.is_new else Outcome.UNCHANGED


@dataclass
class Sync:
    """A sync of one appliance.

    Args:
        folder: where its lists are.
        at: the time by which expiry is judged.
        clock_trusted: whether it is that time, and not perhaps later.
        chi_bo: whose roster it takes.
        accept_time: told when an offer was signed, once that is verified; may raise to refuse it.
        progress: told what comes.
        repair: make the set anew even where nothing is newer, and whatever of it is damaged.
        gives_way: asked while a mirror is waited for, whether to leave it for something better.
        patience_s: how long to wait for somebody else to give way.
    """

    folder: ListsFolder
    at: datetime
    clock_trusted: bool = True
    chi_bo: ChiBo | None = None
    accept_time: Callable[[datetime], None] = field(default=lambda _: None)
    progress: Progress = field(default=lambda _source, _received: None)
    repair: bool = False
    gives_way: Callable[[], bool] = field(default=lambda: False)
    patience_s: float = 0.0
    _received: int = field(default=0, init=False)

    def run(self, sources: Sequence[Source]) -> Synced:
        """Ask the sources one after another.

        Raises what went wrong where none could be used, and where: what is forged or rolled back before what was not to
        be had.
        ``SyncRuns``, ``ListsNotSetUp`` and storage errors end it at once.
        """
        self.folder.read_pinned_root(LONGEST_ROOT)
        if not sources:
            msg = "no source of lists is known: name a mirror in the configuration, or plug in a stick"
            raise SourceUnreachable(msg)
        failures: list[tuple[Source, ApplianceError]] = []
        with self.folder.only_sync(patience_s=self.patience_s):
            for source in sources:
                try:
                    synced = self._ask(source, tuple(failures))
                except _NEXT_ONE_MAY_DO as error:
                    log.info("lists from %s: %s", source.named, error.sentence)
                    self._remember(
                        Attempt(self.at, source.named, Outcome.FAILED, error.reason, received=self._received)
                    )
                    failures.append((source, error))
                else:
                    return synced
        raise _worst(failures)

    def _ask(self, source: Source, failures: tuple[tuple[Source, ApplianceError], ...]) -> Synced:
        if source.kind is SourceKind.MIRROR and self._is_to_give_way():
            msg = "mirrors are asked later: other lists are brought"
            raise SyncRuns(msg)
        self._received = 0
        self.progress(source, 0)

        def count(received: int) -> None:
            self._received += received
            self.progress(source, self._received)

        with source.opened(
            self.folder.partial, clock_trusted=self.clock_trusted, on_bytes=count, gives_way=self._is_to_give_way
        ) as opened:
            taken = take_up(
                self.folder,
                opened.fetcher,
                opened.base_url,
                source=source.named,
                at=self.at,
                chi_bo=self.chi_bo,
                accept_time=self.accept_time,
                repair=self.repair,
            )
        synced = Synced(source, taken, self._received, failures)
        after = taken.after
        self._remember(
            Attempt(
                self.at,
                source.named,
                synced.outcome,
                timestamp=after.timestamp_version,
                card_status=after.card_status_sequence,
                received=self._received,
            )
        )
        return synced

    def _is_to_give_way(self) -> bool:
        return self.gives_way() or self.folder.is_wanted()

    def _remember(self, attempt: Attempt) -> None:
        with suppress(OSError):  # a full disk: the lists count, not their history
            remember(self.folder.history, attempt)


def _worst(failures: Sequence[tuple[Source, ApplianceError]]) -> ApplianceError:
    """Return the error that somebody must hear of, with the source that it comes from."""
    source, error = next((one for one in failures if isinstance(one[1], ListRefused)), failures[-1])
    told = f"{source.named}: {error.sentence}"
    if len(failures) > 1:
        told += f"; {count(len(failures) - 1, 'other source')} failed as well, see lists status"
    return type(error)(told)

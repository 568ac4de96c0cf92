"""Verify many evidence files, one after another or on several cores, without keeping any of them.

>>> from datetime import UTC, datetime
>>> from verifier.sdk import TrustStore
>>> list(verify_files([], TrustStore([]), at=datetime(2026, 11, 22, tzinfo=UTC)))
[]
"""

import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from verifier.cardstatus.card_status_list import CardStatusList
from verifier.errors import EvidenceError, InvalidInput, VerifierError
from verifier.evidence.arguments import require_kind, require_zone
from verifier.evidence.record import Evidence
from verifier.evidence.strict_json import MAX_ENCODED_SIZE
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.profiles import load_profile, policy_for
from verifier.verification.policy import Policy
from verifier.verification.report import Report
from verifier.verification.verify import require_judgeable, verify

__all__ = ["Judgement", "verify_files"]

MAX_WORKERS: Final = 64
_ANY: Final = Policy()
_AT_ONCE: Final = 32
"""Files handed to a worker in one piece."""
_ENDED_AT_START: Final = (
    "the workers ended before they had judged anything: a program that asks for workers must begin under "
    'if __name__ == "__main__":, since each worker imports it'
)
_AHEAD: Final = 3
"""Pieces for each worker that are under way: enough that none waits, few enough that nothing piles up."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one file: a ``report``, or the ``error`` that says why there is none."""

    path: Path
    reason: str
    """The stable reason code of the report or of the error."""
    sentence: str
    """The sentence for people that belongs to it."""
    report: Report | None = None
    error: VerifierError | None = None

    @property
    def passed(self) -> bool:
        """Whether there is a report, and it passed."""
        return self.report is not None and self.report.passed


def verify_files(
    paths: Iterable[Path],
    trust: TrustStore,
    policy: Policy | None = None,
    *,
    at: datetime,
    card_status: CardStatusList | None = None,
    workers: int = 1,
) -> Iterator[Judgement]:
    """Verify evidence files by ``policy``, which the files themselves choose where you name none: so name it.

    Without a policy each is judged by that of the profile which it names, and whoever wrote it may have named a weak
    one; ``report.profile`` tells which. Yields a ``Judgement`` for each, as of ``at``, in the order of ``paths``. A
    damaged or missing file is a judgement with an error, and the next one follows. Nothing is kept: ``paths`` may be
    endless.

    With ``workers`` above 1 as many processes share the work, each with a copy of ``trust``; a program that asks for
    them begins under ``if __name__ == "__main__":``, since each worker imports it.

    Raises ``InvalidInput`` for arguments of another kind, at the first step. A worker that is ended from outside ends
    the run with ``concurrent.futures.process.BrokenProcessPool``; what was yielded before stands. Where that happens at
    the start, it says what the program lacks.
    """
    require_zone(at, "a verification")
    require_judgeable(trust, _ANY if policy is None else policy, card_status)
    require_kind(workers, int, "workers is a number of processes")
    if not 1 <= workers <= MAX_WORKERS:
        msg = f"a batch has 1 to {MAX_WORKERS} workers"
        raise InvalidInput(msg)
    desk = _Desk(trust, policy, at, card_status)
    _require_several(paths)
    checked = map(_require_path, paths)
    if workers == 1:
        yield from map(desk.judge, checked)
    else:
        yield from _shared(desk, checked, workers)


def _require_several(paths: object) -> None:
    if isinstance(paths, str | bytes | Path) or not isinstance(paths, Iterable):
        msg = (
            "the files of a batch are several Path: [Path('card.json')] for one, Path('folder').glob('*.json') for "
            f"those of a folder; this is a {type(paths).__name__}"
        )
        raise InvalidInput(msg)


def _require_path(path: Path) -> Path:
    require_kind(path, Path, "each file of a batch is named by a Path, such as Path('card.json')")
    return path


class _Desk:
    """Where files are judged: everything that is the same for all of them."""

    def __init__(
        self, trust: TrustStore, policy: Policy | None, at: datetime, card_status: CardStatusList | None
    ) -> None:
        self._trust = trust
        self._policy = policy
        self._at = at
        self._card_status = card_status
        self._policies: dict[str, Policy] = {}

    def judge(self, path: Path) -> Judgement:
        try:
            evidence = Evidence.from_bytes(_content(path))
            report = verify(
                evidence, self._trust, self._policy_for(evidence), at=self._at, card_status=self._card_status
            )
        except VerifierError as error:
            return Judgement(path, error.reason, error.sentence, error=error)
        return Judgement(path, report.reason, report.sentence, report)

    def _policy_for(self, evidence: Evidence) -> Policy:
        if self._policy is not None:
            return self._policy
        if evidence.profile not in self._policies:
            self._policies[evidence.profile] = policy_for(load_profile(evidence.profile))
        return self._policies[evidence.profile]


def _content(path: Path) -> bytes:
    """Read one byte more than may be there, so that the decoder tells what is too long."""
    try:
        if path.is_dir():
            msg = "it is a folder; a batch takes files, as folder.glob('*.json') gives them"
            raise EvidenceError(msg)
        if not path.is_file():  # to open a pipe would be to wait for whoever writes into it
            msg = "there is no such file"
            raise EvidenceError(msg)
        with path.open("rb") as file:
            return file.read(MAX_ENCODED_SIZE + 1)
    except OSError as error:
        msg = f"the file cannot be read: {(error.strerror or 'no reason is known').lower()}"
        raise EvidenceError(msg) from error


def _shared(desk: _Desk, paths: Iterable[Path], workers: int) -> Iterator[Judgement]:
    """Let processes judge, in pieces, a few ahead of what was yielded."""
    rest = iter(paths)
    under_way: deque[Future[list[Judgement]]] = deque()
    # Not forked: a program that shows progress has threads, and a fork copies the locks that they hold.
    pool = ProcessPoolExecutor(workers, get_context("forkserver"), initializer=_sit_down, initargs=(desk,))
    has_begun = False
    try:
        while True:
            while len(under_way) < workers * _AHEAD and (piece := list(islice(rest, _AT_ONCE))):
                under_way.append(pool.submit(_judge_all, piece))
            if not under_way:
                return
            judged = under_way.popleft().result()
            has_begun = True
            yield from judged
    except BrokenProcessPool as error:
        raise error if has_begun else BrokenProcessPool(_ENDED_AT_START) from error
    finally:
        pool.shutdown(cancel_futures=True)


_desk: _Desk | None = None
"""That of a worker process."""


def _sit_down(desk: _Desk) -> None:
    global _desk  # noqa: PLW0603 - a worker process has one desk, and a pool hands it over in no other way
    _desk = desk
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the first one decides


def _judge_all(paths: list[Path]) -> list[Judgement]:
    if _desk is None:
        msg = "a worker was asked before it was told what to judge by"
        raise InvalidInput(msg)
    return [_desk.judge(path) for path in paths]

"""A source by name: what the configuration lists, or somebody plugs in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from tuf.ngclient import FetcherInterface

from appliance.config.lists import require_mirror
from appliance.lists.sources.mirror import MirrorFetcher
from appliance.lists.sources.stick import StickFetcher, published_folder


class SourceKind(StrEnum):
    """What kind of source."""

    MIRROR = "mirror"
    STICK = "stick"


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A source that can be fetched from: what python-tuf needs."""

    fetcher: FetcherInterface
    base_url: str


@dataclass(frozen=True, slots=True)
class Source:
    """A mirror by its address, or a stick (or any folder) by its path."""

    kind: SourceKind
    place: str

    @classmethod
    def mirror(cls, address: str) -> Self:
        """Return a mirror. Raises ``ConfigError`` for an address that may not be one."""
        return cls(SourceKind.MIRROR, require_mirror(address))

    @classmethod
    def stick(cls, path: Path) -> Self:
        """Return a stick; whether it holds lists is seen when it is opened."""
        return cls(SourceKind.STICK, str(path))

    @property
    def named(self) -> str:
        """For histories: a stick without its path, which may be somebody's name."""
        return self.place if self.kind is SourceKind.MIRROR else self.kind.value

    @contextmanager
    def opened(
        self,
        partial: Path,
        *,
        clock_trusted: bool = True,
        on_bytes: Callable[[int], None] = lambda _: None,
        gives_way: Callable[[], bool] = lambda: False,
    ) -> Iterator[OpenSource]:
        """Open it for one sync; ``partial`` is a folder for what is under way, ``on_bytes`` is told what comes,
        ``gives_way`` asked meanwhile whether a mirror is to be left for somebody else.

        Raises ``SourceUnreachable``, ``SourceIncomplete``.
        """
        if self.kind is SourceKind.STICK:
            with StickFetcher(published_folder(Path(self.place)), partial, on_bytes=on_bytes) as stick:
                yield OpenSource(stick, stick.base_url)
            return
        mirror = MirrorFetcher(
            self.place, partial, check_certificate_time=clock_trusted, on_bytes=on_bytes, gives_way=gives_way
        )
        try:
            yield OpenSource(mirror, mirror.base_url)
        finally:
            mirror.close()

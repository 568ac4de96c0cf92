"""Where a form may lead: to a path on this server, never to another one. And which numbers a path may hold."""

from werkzeug.routing import IntegerConverter, Map

LARGEST_ID = 2**63 - 1


class IdConverter(IntegerConverter):
    """A number that a row of the store can have; any other one is no page."""

    def __init__(self, map: Map) -> None:  # noqa: A002  its name there
        super().__init__(map, max=LARGEST_ID)


def own_path(target: str) -> str | None:
    """Return ``target`` if it is a path on this server; browsers read ``//host`` and ``/\\host`` as another one.

    >>> own_path("/meetings/7"), own_path("//evil.example"), own_path("https://evil.example")
    ('/meetings/7', None, None)
    """
    if not target.startswith("/") or target[1:2] in {"/", "\\"} or not target.isprintable():
        return None
    return target

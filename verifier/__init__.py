"""Everything known about chip identity cards: reading, and verifying offline. The public door is ``verifier.sdk``.

``verifier.__version__`` is the version of this release, as in ``docs/versions.md``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str
else:  # to a type checker this would mean that every name exists

    def __getattr__(name: str) -> str:
        """Look the version up when somebody asks: it takes a tenth of the import time of the whole SDK."""
        if name != "__version__":
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        from importlib.metadata import version  # noqa: PLC0415 - see above

        return version("thechip")

"""``thechip-lists``: make keys, publish signed lists, change keys, check what is published."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 well, 1 not as it must be, 2 usage, 3 trouble.

    A bare install has the SDK only; there the answer is which packages to add, and 2.
    """
    try:
        from publisher.commands.command_line import run  # noqa: PLC0415 – what it needs may not be installed
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in {"appliance", "publisher", "verifier"}:
            raise
        sys.stderr.write("thechip-lists needs more packages: pip install 'thechip[publisher]'\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())

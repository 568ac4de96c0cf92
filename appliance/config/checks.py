"""What a setting must be, said in one sentence where it is not."""

from appliance.errors import ConfigError


def one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a value that is not among the known ones."""
    if value not in known:
        msg = f"{name}: {value!r} is not one of {', '.join(known)}"
        raise ConfigError(msg)


def filled(name: str, value: str) -> None:
    """Refuse an empty text."""
    if not value.strip():
        msg = f"{name} is empty"
        raise ConfigError(msg)


def between(name: str, value: float, least: float, most: float) -> None:
    """Refuse what is less, more, or no number."""
    if not least <= value <= most:
        msg = f"{name} must be between {least:g} and {most:g}"
        raise ConfigError(msg)


def positive(name: str, value: float) -> None:
    """Refuse nought, less, and what is no number."""
    if not 0 < value < float("inf"):
        msg = f"{name} must be greater than nought"
        raise ConfigError(msg)

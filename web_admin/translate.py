"""Languages, local time and numbers for the templates."""

from datetime import date, datetime

from flask import Flask
from flask_babel import Babel, format_date, format_datetime, format_decimal, format_time, get_locale

from web_admin.language.views import DEFAULT_LANGUAGE, LANGUAGES, chosen_language


def install(app: Flask, time_zone: str) -> None:
    """Set Flask-Babel up on ``app``, with filters for times (aware, shown in ``time_zone``) and numbers."""
    Babel(
        app,
        default_locale=DEFAULT_LANGUAGE,
        default_timezone=time_zone,
        default_translation_directories="translations",
        locale_selector=chosen_language,
    )
    app.add_template_filter(_clock, "clock")
    app.add_template_filter(_day, "day")
    app.add_template_filter(_date, "date")
    app.add_template_filter(moment, "moment")
    app.add_template_filter(_percent, "percent")
    app.add_template_filter(_size, "size")

    @app.context_processor
    def language_names() -> dict[str, object]:
        return {"language": str(get_locale()), "languages": LANGUAGES}


def _clock(at: datetime) -> str:
    """Hours and minutes, 24 hours a day in either language."""
    return str(format_time(at, "HH:mm"))


def _day(at: datetime) -> str:
    pattern = "EEEE, d MMMM y" if str(get_locale()) == "en" else "EEEE, 'ngày' d 'tháng' M 'năm' y"
    return str(format_datetime(at, pattern))


def _date(day: date) -> str:
    """A day that is the same everywhere, short."""
    return str(format_date(day, "dd/MM/y"))


def moment(at: datetime) -> str:
    """Return time and day, short, in the local zone."""
    return str(format_datetime(at, "HH:mm, dd/MM/y"))


def _percent(ratio: float) -> str:
    return f"{format_decimal(ratio * 100, '#,##0.0')} %"


def _size(length: int) -> str:
    """Bytes as such, or as kB or MB with one digit after the point."""
    if length < 1000:
        return f"{length} B"
    unit, name = (1_000_000, "MB") if length >= 1_000_000 else (1000, "kB")
    return f"{format_decimal(length / unit, '#,##0.0')} {name}"

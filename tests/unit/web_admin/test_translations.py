"""Both catalogues say everything, and what is compiled is what is written."""

import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import web_admin

ROOT = Path(web_admin.__file__).parent
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None}


def written(language: str) -> Catalog:
    with (ROOT / f"translations/{language}/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    return {found[2] for found in extract_from_dir(ROOT, method_map=methods, keywords=KEYWORDS)}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_sentence_is_in_the_catalogue_and_nothing_else(language, sentences):
    catalogue = {message.id: message for message in written(language) if message.id}
    assert set(catalogue) == sentences
    assert [message.id for message in catalogue.values() if not message.string or message.fuzzy] == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_compiled_catalogue_is_current(language):
    with (ROOT / f"translations/{language}/LC_MESSAGES/messages.mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}
    assert compiled == {message.id: message.string for message in written(language) if message.id}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_translations_keep_every_placeholder(language):
    for message in written(language):
        assert list(message.check()) == []


def test_vietnamese_is_written_with_its_letters():
    plain = set(string.printable)
    accented = sum(not set(message.string) <= plain for message in written("vi") if message.id)
    assert accented > 100


def test_the_page_is_vietnamese_until_english_is_chosen_and_stays_english(site):
    browser = site.browser()
    assert '<html lang="vi">' in browser.get("/login").text
    answer = browser.post("/language", {"language": "en", "next": "/login"})
    assert answer.location == "/login"
    page = browser.get("/login").text
    assert '<html lang="en">' in page
    assert "Sign in" in page


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("en-US,en;q=0.9", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.4", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("fr-FR,fr;q=0.9", "vi"),
        ("*", "vi"),
        ("", "vi"),
        ("\u00ff;;q=x", "vi"),
    ],
)
def test_on_the_first_visit_the_page_speaks_the_browsers_language_where_it_can(site, wish, language):
    browser = site.browser()
    assert f'<html lang="{language}">' in browser.get("/login", headers={"Accept-Language": wish}).text
    browser.post("/language", {"language": "vi", "next": "/login"})
    assert '<html lang="vi">' in browser.get("/login", headers={"Accept-Language": wish}).text


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "x", "/a\r\nb"])
def test_the_language_switch_leads_nowhere_else(site, target):
    assert site.browser().post("/language", {"language": "en", "next": target}).location == "/"

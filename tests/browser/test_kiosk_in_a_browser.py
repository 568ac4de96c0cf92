"""The kiosk on the touch screen of a Pi, 800 × 480, and on others: every state, a member's year, two doors, keys."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from appliance.kiosk.board import TYPE_CAN, Board
from appliance.kiosk.display import Display, DisplayState, OwnYear
from appliance.kiosk.phrases import STATES, sentence_for_reason

pytestmark = pytest.mark.browser

PASSWORD = "bốn từ dễ nhớ"
SEN = "Mẫu Thị Sen"
LONG = "Mẫu Nguyễn-Trường Thị Phương Khuyên"
YEAR = OwnYear(year=2026, meetings=11, present=8, late=1, excused=1, absent=1, away=1)
TWO_READERS = """
[[readers]]
device = "/dev/thechip-none-1"
[[readers]]
device = "/dev/thechip-none-2"
name = "cua-sau"
"""
REASONS = {
    DisplayState.LOCKED: "key-wrong-secret",
    DisplayState.PRESENT: "present",
    DisplayState.LATE: "present-late",
    DisplayState.ALREADY_PRESENT: "already-present",
    DisplayState.VISITING: "not-on-roster",
    DisplayState.CHECKED_OUT: "checked-out",
    DisplayState.ONCE_MORE: "card-removed",
    DisplayState.REFUSED: "issuing-state-not-accepted",
    DisplayState.SEE_OFFICER: "card-status-list-missing",
    DisplayState.NO_MEETING: "no-meeting",
    DisplayState.READER_GONE: "reader-unavailable",
}
WHAT_DOES_NOT_FIT = """() => {
    const box = (e) => e.getBoundingClientRect();
    const parts = ['p', '.top', '.foot', '.year', '.shape', '.lists', '.lost', '.open-keypad']
        .map((part) => `.screen ${part}`);
    const seen = [...document.querySelectorAll(parts)]
        .filter((e) => e.getClientRects().length && (e.textContent.trim() || e.matches('.shape')));
    const isBeyond = (a) => box(a).bottom > innerHeight + 1 || box(a).top < -1 || box(a).right > innerWidth + 1;
    const isCut = (a) => a.scrollWidth > a.clientWidth + 1 && !a.matches('.shape');
    const areOver = (a, b) => a !== b && !a.contains(b) && !b.contains(a)
        && box(a).left < box(b).right - 1 && box(b).left < box(a).right - 1
        && box(a).top < box(b).bottom - 1 && box(b).top < box(a).bottom - 1;
    const wrong = seen.filter((a) => isBeyond(a) || isCut(a) || seen.some((b) => areOver(a, b)));
    return wrong.map((a) => `${a.className?.baseVal ?? a.className}: ${a.textContent.trim()}`);
}"""
LETTERS_OUT_OF_THEIR_LINES = """() => {
    const pen = document.createElement('canvas').getContext('2d');
    const isOut = (e) => {
        const style = getComputedStyle(e);
        pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        const ink = pen.measureText(e.textContent);
        const room = (parseFloat(style.lineHeight) - ink.fontBoundingBoxAscent - ink.fontBoundingBoxDescent) / 2;
        return ink.actualBoundingBoxAscent > ink.fontBoundingBoxAscent + room + 0.5
            || ink.actualBoundingBoxAscent + ink.actualBoundingBoxDescent > parseFloat(style.lineHeight) + 0.5;
    };
    const seen = [...document.querySelectorAll('.screen p[lang="vi"]')].filter((e) => e.getClientRects().length);
    return seen.filter(isOut).map((e) => `letters: ${e.textContent.trim()}`);
}"""
SCREENS = ((800, 480), (1024, 600), (1280, 720), (1920, 1080), (480, 800))
"""The touch screen of a Pi, what is bought beside it, television sets, and one that hangs upright."""
NAMED = {DisplayState.PRESENT, DisplayState.LATE, DisplayState.ALREADY_PRESENT, DisplayState.VISITING}


@pytest.fixture
def board(site) -> Board:
    return Board(site.state / "run" / "board.sqlite3")


def say(board: Board, state: DisplayState, *, name: str | None = None, reader: str = "1") -> None:
    phrase, sentence = STATES[state], sentence_for_reason(REASONS.get(state, ""), state)
    board.post(Display(state, phrase.vi, phrase.en, datetime.now(UTC), reader, name, sentence.vi, sentence.en))


def two_doors(site, serve) -> None:
    """Let the page know of two readers: which of them speaks stands in a frame above the answer."""
    with (site.state / "appliance.toml").open("a", encoding="utf-8") as config:
        config.write(TWO_READERS)
    serve("web_admin.wsgi:app")


def what_does_not_fit(page: Page) -> list[str]:
    """Whatever is cut off, lies beyond the screen, or over something else that is to be read."""
    return page.evaluate(WHAT_DOES_NOT_FIT)


def letters_out_of_their_lines(page: Page) -> list[str]:
    """Whatever Vietnamese has letters that reach into what is above, or each other: ể under ặ in too narrow a line."""
    return page.evaluate(LETTERS_OUT_OF_THEIR_LINES)


def test_every_state_fits_every_screen_with_the_longest_that_it_says(
    site, serve, board: Board, visit, picture: Callable[..., None]
):
    two_doors(site, serve)
    pages = {size: visit(*size, has_touch=True).page() for size in SCREENS}
    for page in pages.values():
        page.goto("/kiosk")
    wrong = {}
    for state in DisplayState:
        for name in (SEN, LONG) if state in NAMED else (None,):
            say(board, state, name=name)
            for (width, height), page in pages.items():
                expect(page.locator(".screen")).to_have_attribute("data-state", state.value)
                expect(page.locator('[data-text="name"]')).to_have_text(name or "")
                page.wait_for_timeout(150)
                picture(page, f"kiosk-{state}{'-long' if name == LONG else ''}-{width}")
                wrong[state, name, width, height] = what_does_not_fit(page) + letters_out_of_their_lines(page)
    assert {shown: parts for shown, parts in wrong.items() if parts} == {}


@pytest.mark.parametrize(("width", "height"), [(800, 480), (480, 800), (1920, 1080)])
def test_a_members_own_year_stands_below_their_answer_and_goes_with_the_next_tap(
    board: Board, visit, picture: Callable[..., None], width, height
):
    page = visit(width, height, has_touch=True).page()
    page.goto("/kiosk")
    for name in (LONG, SEN):
        say(board, DisplayState.PRESENT, name=name)
        board.post_own_year("1", YEAR, at=datetime.now(UTC))
        expect(page.locator("[data-year]")).to_be_visible()
        expect(page.locator('[data-text="name"]')).to_have_text(name)
        expect(page.locator('[data-figure="present"]')).to_have_text("8")
        picture(page, "kiosk-own-year" if width == 800 else f"kiosk-own-year-{width}", for_readme=width == 800)
        assert what_does_not_fit(page) == []
    say(board, DisplayState.READY)
    expect(page.locator(".screen")).to_have_attribute("data-state", "ready")
    expect(page.locator("[data-year]")).to_be_visible()
    expect(page.get_by_text(SEN)).to_have_count(0)
    picture(page, f"kiosk-own-year-ready-{width}")
    assert what_does_not_fit(page) == []
    say(board, DisplayState.READING)
    expect(page.locator("[data-year]")).to_be_hidden()
    assert "8" not in page.locator("[data-year]").text_content()


def test_the_year_goes_by_itself_also_when_the_line_is_lost(site, board: Board, visit):
    visitor = visit(800, 480)
    page = visitor.page()
    page.goto("/kiosk")
    say(board, DisplayState.PRESENT, name=SEN)
    board.post_own_year("1", YEAR, at=datetime.now(UTC))
    expect(page.locator("[data-year]")).to_be_visible()
    server = site.processes.pop()
    server.kill()
    server.wait()
    expect(page.locator("[data-year]")).to_be_hidden(timeout=20_000)
    expect(page.get_by_text(SEN)).to_have_count(0, timeout=20_000)
    visitor.complaints.clear()  # of the refused connection


def test_the_screen_that_two_doors_share_says_which_reader_is_gone(site, serve, board: Board, visit, picture):
    two_doors(site, serve)
    shared, rear = visit(800, 480, has_touch=True).page(), visit(800, 480).page()
    shared.goto("/kiosk")
    rear.goto("/kiosk/cua-sau")
    say(board, DisplayState.READY)
    say(board, DisplayState.READER_GONE, reader="cua-sau")
    expect(shared.locator(".screen")).to_have_attribute("data-state", "ready")
    expect(shared.get_by_text("«cua-sau»")).to_be_visible()
    expect(rear.locator(".screen")).to_have_attribute("data-state", "reader-gone")
    picture(shared, "kiosk-two-doors", for_readme=True)
    assert what_does_not_fit(shared) == []
    shared.locator("[data-open-keypad]").tap()
    shared.get_by_text("cua-sau", exact=True).tap()
    picture(shared, "kiosk-keypad-two-doors")
    for digit in "123456":
        shared.locator(f'[data-key="{digit}"]').tap()
    with shared.expect_response("**/kiosk/can") as answer:
        shared.get_by_role("button", name="OK").tap()
    assert answer.value.status == 204
    (request,) = board.take_requests("cua-sau")
    assert (request.kind, request.payload["digits"]) == (TYPE_CAN, "123456")


def test_six_digits_typed_on_the_screen_are_dots_and_reach_the_station_once(site, board: Board, visit, picture):
    page = visit(800, 480, has_touch=True).page()
    page.goto("/kiosk")
    say(board, DisplayState.READY, reader="2")  # another door's: the demo's own station must not take what is asked
    say(board, DisplayState.NO_MEETING)
    expect(page.locator("[data-open-keypad]")).to_be_hidden()
    say(board, DisplayState.READY)
    page.locator("[data-open-keypad]").tap()
    small = page.evaluate(
        "[...document.querySelectorAll('.keypad button')].filter(e => e.offsetHeight < 48 || e.offsetWidth < 48).length"
    )
    assert small == 0
    for digit in "42434":
        page.locator(f'[data-key="{digit}"]').tap()
    expect(page.get_by_role("button", name="OK")).to_be_disabled()
    expect(page.locator("[data-dots]")).to_have_text("●●●●●○")
    picture(page, "kiosk-keypad", for_readme=True)
    assert what_does_not_fit(page) == []
    page.locator('[data-key="erase"]').tap()
    page.keyboard.press("4")
    page.keyboard.press("4")
    assert "42434" not in page.content()
    page.locator("[data-keypad]").evaluate("(panel) => { panel.dataset.reader = '2'; }")
    with page.expect_response("**/kiosk/can") as answer:
        page.get_by_role("button", name="OK").tap()
    assert answer.value.status == 204
    expect(page.get_by_text("Đưa thẻ lên đầu đọc và giữ yên")).to_be_visible()
    expect(page.locator("[data-dots]")).to_have_text("○○○○○○")
    picture(page, "kiosk-keypad-sent")
    (request,) = board.take_requests("2")
    assert request.payload["digits"] == "424344"
    assert "424344" not in page.url + page.content()
    say(board, DisplayState.READING)
    say(board, DisplayState.PRESENT, name=SEN)
    expect(page.locator("[data-keypad]")).to_be_hidden()


def test_digits_that_nobody_completes_are_forgotten_after_twenty_seconds(board: Board, visit):
    page = visit(800, 480, has_touch=True).page()
    page.clock.install()
    say(board, DisplayState.READY)
    page.goto("/kiosk")
    page.locator("[data-open-keypad]").tap()
    page.locator('[data-key="4"]').tap()
    expect(page.locator("[data-dots]")).to_have_text("●○○○○○")
    page.clock.run_for(19_000)
    expect(page.locator("[data-keypad]")).to_be_visible()
    page.clock.run_for(1_100)
    expect(page.locator("[data-keypad]")).to_be_hidden()
    page.locator("[data-open-keypad]").tap()
    expect(page.locator("[data-dots]")).to_have_text("○○○○○○")
    assert board.take_requests() == []


def test_an_officer_chooses_a_roster_line_on_the_touch_screen_and_is_signed_out(site, board: Board, visit, picture):
    page = visit(800, 480, has_touch=True).page()
    set_up(page, site.setup_link())
    say(board, DisplayState.READY)
    page.goto("/kiosk")
    page.locator("[data-open-keypad]").tap()
    page.get_by_role("link", name="Cán bộ").tap()
    sign_in(page)
    expect(page.get_by_text("Chưa mở cuộc họp nào.")).to_be_visible()
    page.goto("/meetings")
    page.get_by_role("link", name=re.compile("Sinh hoạt thường kỳ")).click()
    page.get_by_role("button", name="Mở cuộc họp").click()
    page.goto("/touch/roster")
    line = page.get_by_role("button", name="Mẫu Văn Tùng")
    picture(page, "touch-roster")
    small = page.evaluate("[...document.querySelectorAll('button')].filter(e => e.offsetHeight < 48).length")
    assert small == 0
    line.tap()
    expect(page.locator(".screen")).to_have_attribute("data-state", "ready")
    page.goto("/touch/roster")
    expect(page.get_by_label("Tên đăng nhập")).to_be_visible()


def test_an_officers_list_that_is_left_alone_signs_out_after_a_minute(site, visit):
    page = visit(800, 480, has_touch=True).page()
    set_up(page, site.setup_link())
    page.clock.install()
    page.goto("/touch/roster")
    sign_in(page)
    expect(page.get_by_text("Đọc thẻ của ai?")).to_be_visible()
    page.clock.run_for(61_000)
    expect(page.locator(".screen")).to_be_visible()
    page.goto("/touch/roster")
    expect(page.get_by_label("Tên đăng nhập")).to_be_visible()


def test_a_sign_in_that_nobody_completes_gives_the_screen_back_to_the_kiosk(site, visit):
    page = visit(800, 480, has_touch=True).page()
    set_up(page, site.setup_link())
    page.clock.install()
    page.goto("/touch/roster")
    expect(page.get_by_label("Tên đăng nhập")).to_be_visible()
    page.clock.run_for(61_000)
    expect(page.locator(".screen")).to_be_visible()


def set_up(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Họ và tên của đồng chí").fill("Mẫu Thị Bí Thư")
    page.get_by_label("Tên đăng nhập").fill("bithu")
    page.get_by_label("Mật khẩu mới").fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Tạo tài khoản").click()
    expect(page.get_by_text("Máy đã cài đặt xong")).to_be_visible()


def sign_in(page: Page) -> None:
    page.get_by_label("Tên đăng nhập").fill("bithu")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()

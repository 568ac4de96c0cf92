"""The evening of a meeting, as an officer sees it, in a real browser with a real station behind the page."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PASSWORD = "bốn từ dễ nhớ"
SEN = "Mẫu Thị Sen"


def set_up(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Họ và tên của đồng chí").fill("Mẫu Thị Bí Thư")
    page.get_by_label("Tên đăng nhập").fill("bithu")
    page.get_by_label("Mật khẩu mới").fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Tạo tài khoản").click()
    expect(page.get_by_text("Máy đã cài đặt xong")).to_be_visible()


def sign_in(page: Page, username: str = "bithu") -> None:
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("button", name="Đăng xuất").wait_for()


def open_meeting(page: Page) -> None:
    page.goto("/meetings")
    page.get_by_role("link", name=re.compile("Sinh hoạt thường kỳ")).click()
    page.get_by_role("button", name="Mở cuộc họp").click()
    page.get_by_text("Đang mở").first.wait_for()


def lay(tray: Page, card: str) -> None:
    tray.locator(f'button[name=card][value="{card}"]').click()


def lay_the_others(tray: Page, picture: Callable[..., None]) -> None:
    """Hold four more cards to the reader, and see what the tray says of all five, also when it is loaded anew."""
    for card, state in (
        ("older", "present"),
        ("late", "late"),
        ("visiting", "visiting"),
        ("revoked", "refused"),
    ):
        lay(tray, card)
        expect(tray.locator(".screen")).to_have_attribute("data-state", state)
        if state == "refused":
            picture(tray, "demo-tray", for_readme=True)
        expect(tray.locator(".screen")).to_have_attribute("data-state", "ready")
    results = tray.locator("[data-results] li")
    expect(results).to_have_count(5)
    expect(results.first).to_contain_text("Thẻ đã thu hồi")
    expect(results.first).to_contain_text("Thẻ đã bị thu hồi hoặc khóa. Mời gặp cán bộ.")
    tray.reload()
    expect(results).to_have_count(5)
    expect(results.last).to_contain_text("Thẻ thật")


def attendance_as_csv(page: Page) -> tuple[str, list[list[str]]]:
    """The name of the file that an officer takes away, and its rows."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải danh sách (CSV)").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    return download.value.suggested_filename, list(csv.reader(io.StringIO(text)))


def test_from_the_set_up_link_to_the_csv_with_the_name(site, visit, picture: Callable[..., None], tmp_path: Path):
    officer, guest, kiosk = visit(), visit(), visit(800, 480)
    page = officer.page()
    set_up(page, site.setup_link())
    picture(page, "sign-in")
    sign_in(page)
    open_meeting(page)
    expect(page.get_by_text("Trực tiếp")).to_be_visible()

    screen, tray = kiosk.page(), guest.page()
    screen.goto("/kiosk")
    expect(screen.locator(".screen")).to_have_attribute("data-state", "ready")
    picture(screen, "kiosk-ready")
    tray.goto("/demo")
    lay(tray, "genuine")

    expect(screen.locator(".screen")).to_have_attribute("data-state", "present")
    expect(screen.get_by_text(SEN)).to_be_visible()
    picture(screen, "kiosk", for_readme=True)
    expect(tray.locator(".screen")).to_have_attribute("data-state", "present")
    expect(page.locator('[aria-labelledby="here"]').get_by_role("cell", name=SEN)).to_be_visible()
    expect(page.locator("#ratio")).to_contain_text("1 / 22")
    expect(screen.locator(".screen")).to_have_attribute("data-state", "ready")
    expect(screen.get_by_text(SEN)).to_have_count(0)

    lay_the_others(tray, picture)
    expect(page.locator("#ratio")).to_contain_text("3 / 22")
    picture(page, "live-meeting", for_readme=True)

    name, rows = attendance_as_csv(page)
    (line,) = [row for row in rows if SEN in row]
    assert "Có mặt" in line
    assert re.fullmatch(r"diem-danh-\d{4}-\d\d-\d\d-1-tam-tinh\.csv", name)

    page.get_by_text("Kết thúc cuộc họp…").click()
    page.get_by_role("button", name="Kết thúc ngay").click()
    expect(page.get_by_text("Cuộc họp chưa bắt đầu")).to_be_visible()
    page.get_by_role("button", name="Vẫn kết thúc").click()
    expect(page.get_by_text("Đã kết thúc")).to_be_visible()


def test_a_card_laid_down_while_no_meeting_is_open_has_an_answer(site, visit):
    tray = visit().page()
    tray.goto("/demo")
    lay(tray, "genuine")
    expect(tray.locator("[data-results] li")).to_have_count(1)
    expect(tray.locator("[data-results] li")).to_contain_text("Chưa mở cuộc họp: thẻ chưa được nhận.")


def test_without_javascript_two_officers_record_a_member_who_has_no_card(site, visit, picture):
    page = visit(java_script_enabled=False).page()
    set_up(page, site.setup_link())
    sign_in(page)
    page.get_by_role("link", name="Cán bộ", exact=True).click()
    page.get_by_label("Họ và tên").fill("Mẫu Văn Phó Bí Thư")
    page.get_by_label("Tên đăng nhập").fill("phobithu")
    page.get_by_role("button", name="Mời", exact=True).click()
    picture(page, "invited")
    page.get_by_role("link", name="Chọn mật khẩu ngay tại đây").click()
    page.get_by_label("Mật khẩu mới").fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đặt mật khẩu").click()
    expect(page.get_by_text("Đã đặt mật khẩu")).to_be_visible()
    sign_in(page)
    open_meeting(page)
    page.get_by_role("link", name="Ghi người không có thẻ").click()
    page.get_by_label("Họ tên, có dấu hoặc không dấu").fill("oi")
    page.get_by_role("button", name="Tìm").click()
    page.get_by_role("link", name=re.compile("Mẫu Văn Ổi")).click()
    page.get_by_label("Đảng viên dự bị, chưa có thẻ").check()
    page.get_by_label("Tên đăng nhập của cán bộ thứ hai").fill("phobithu")
    page.get_by_label("Mật khẩu của cán bộ thứ hai").fill(PASSWORD)
    picture(page, "by-hand")
    page.get_by_role("button", name="Ghi có mặt").click()
    expect(page.get_by_text("Đã ghi tay: Mẫu Văn Ổi có mặt.")).to_be_visible()
    expect(page.get_by_role("cell", name=re.compile("Mẫu Văn Ổi"))).to_be_visible()


def test_an_officer_chooses_a_name_and_the_card_is_read_without_a_scan(site, visit, picture):
    page, tray = visit().page(), visit().page()
    set_up(page, site.setup_link())
    sign_in(page)
    open_meeting(page)
    page.get_by_role("button", name="Đọc thẻ của Mẫu Văn Tùng").click()
    expect(page.get_by_text("Mời Mẫu Văn Tùng đưa thẻ lên đầu đọc")).to_be_visible()
    picture(page, "chosen")
    tray.goto("/demo")
    lay(tray, "chosen")
    expect(tray.locator(".screen")).to_have_attribute("data-state", "present")
    expect(page.locator("#ratio")).to_contain_text("1 / 22")
    expect(page.get_by_role("button", name="Đọc thẻ của Mẫu Văn Tùng")).to_have_count(0)
    lay(tray, "by-hand")
    expect(tray.locator("[data-results]")).to_contain_text("Mẫu Thị Đậu")
    expect(tray.locator(".screen")).to_have_attribute("data-state", "ready")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (800, 480), (390, 844)])
def test_no_page_is_wider_than_its_screen_and_every_control_is_large_enough(site, visit, width, height, picture):
    page = visit(width, height, color_scheme="dark" if width == 800 else "light").page()
    set_up(page, site.setup_link())
    sign_in(page)
    open_meeting(page)
    meeting = page.url
    for path in ("/demo", "/kiosk", "/meetings", "/meetings/new", "/officers", meeting, f"{meeting}/by-hand"):
        page.goto(path)
        picture(page, f"{width}-{path.rstrip('/').rsplit('/', 1)[-1]}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        small = page.evaluate(
            "[...document.querySelectorAll('button, [role=button]')].filter(e => e.offsetHeight && e.offsetHeight < 38)"
            ".map(e => e.textContent)"
        )
        assert small == [], path


def test_the_keyboard_alone_signs_in(site, visit):
    page = visit().page()
    set_up(page, site.setup_link())
    page.goto("/login")
    page.locator("input:focus").wait_for()  # the page puts the cursor there by itself
    page.keyboard.type("bithu")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Đăng xuất").wait_for()
    page.keyboard.press("Tab")
    focused = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert focused == "solid"


def test_open_live_streams_do_not_keep_the_server_from_stopping(site, visit, serve):
    serve("web_admin.wsgi:app", GUNICORN_CMD_ARGS="--graceful-timeout 250")  # for whom it would wait, if for anybody
    visitor = visit()
    page = visitor.page()
    page.goto("/kiosk")
    expect(page.locator("[data-lost]")).to_be_hidden()
    server = site.processes.pop()
    server.terminate()
    assert server.wait(timeout=60) == 0
    expect(page.get_by_text("Mất liên lạc với máy")).to_be_visible()
    page.close()
    visitor.complaints.clear()  # of the refused connection

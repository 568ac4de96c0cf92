"""From a device without signed lists to one whose kiosk tells their age, as an administrator sees it."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from publisher.desk import Desk
from publisher.passphrases import GivenPassphrases
from verifier.sdk.testing import SyntheticPki

pytestmark = pytest.mark.browser

PASSWORD = "bốn từ dễ nhớ"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stick:
    """Where a stick is plugged in, and what a publisher gave to be carried on it."""

    place: Path
    publisher: Path
    root: Path

    def carry(self, days: int) -> None:
        """Plug in a stick with what was signed so many days ago; the one before is pulled."""
        fresh = self.place.with_name("on its way")
        shutil.copytree(self.publisher / f"signed-{days}-days-ago", fresh / "thechip-lists")
        shutil.rmtree(self.place, ignore_errors=True)
        fresh.rename(self.place)


def publish(folder: Path) -> bytes:
    """Publish 40 days ago, and 3 days ago once more; return the first root."""
    now = datetime.now(UTC) - timedelta(hours=1)
    secret = GivenPassphrases(others=b"an invented passphrase")
    desk = Desk.found(folder / "desk", at=now - 41 * DAY, passphrases=secret)
    SyntheticPki(at=now - 60 * DAY).write_to(folder / "pki")
    desk.add_trust(sorted((folder / "pki").iterdir()), at=now - 41 * DAY)
    for days in (40, 3):
        rows = [f"{card + 1:032x}{days:032x},lost,2026-03-01," for card in range(2000)]
        (folder / "cards.csv").write_text("\n".join(["hash,state,since,reason", *rows, ""]))
        desk.add_card_status(folder / "cards.csv", at=now - days * DAY, next_update_days=300)
        desk.publish(at=now - days * DAY)
        shutil.copytree(desk.public, folder / f"signed-{days}-days-ago")
    return desk.first_root


@pytest.fixture
def stick(serve: Callable[..., None], tmp_path: Path) -> Stick:
    """No stick yet, and a page that would find one."""
    publisher = tmp_path / "publisher"
    publisher.mkdir()
    (publisher / "1.root.json").write_bytes(publish(publisher))
    place = tmp_path / "plugged in"
    serve("page_with_a_stick:app", THECHIP_TEST_STICK=str(place))
    return Stick(place, publisher, publisher / "1.root.json")


def set_up_and_sign_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Họ và tên của đồng chí").fill("Mẫu Thị Bí Thư")
    page.get_by_label("Tên đăng nhập").fill("bithu")
    page.get_by_label("Mật khẩu mới").fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Tạo tài khoản").click()
    page.get_by_label("Tên đăng nhập").fill("bithu")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("button", name="Đăng xuất").wait_for()


def show_root(page: Page, root: Path) -> None:
    page.goto("/lists")
    page.get_by_label("Tệp 1.root.json").set_input_files(root)
    page.get_by_role("button", name="Xem mã đối chiếu").click()
    expect(page.locator(".fingerprint li")).to_have_count(8)


def believe(page: Page) -> None:
    page.get_by_label("Tôi đã so tất cả các nhóm").check()
    page.get_by_role("button", name="Tin tệp gốc này").click()
    expect(page.get_by_text("Đã cài đặt tệp gốc")).to_be_visible()


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


WINDOWS = [(1280, 800, "light"), (1280, 800, "dark"), (800, 480, "dark"), (390, 844, "light"), (390, 844, "dark")]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_from_a_pinned_root_over_a_stick_to_the_age_on_the_kiosk(site, stick, visit, picture, window):
    width, height, scheme = window
    page, screen = visit(width, height, color_scheme=scheme).page(), visit(width, height).page()
    named = f"lists-{width}-{scheme}"
    screen.goto("/kiosk")
    set_up_and_sign_in(page, site.setup_link())
    page.goto("/lists")
    picture(page, f"{named}-1-not-set-up")
    show_root(page, stick.root)
    picture(page, f"{named}-2-fingerprint")
    assert fits(page)
    believe(page)
    expect(screen.locator("[data-lists]")).to_have_attribute("data-lists", "none")
    picture(screen, f"{named}-kiosk-none")
    expect(page.get_by_text("USB được cắm vào sẽ hiện ở đây")).to_be_visible()
    picture(page, f"{named}-3-no-lists")

    stick.carry(40)
    page.get_by_role("button", name="Xem trong USB có gì").click()
    expect(page.get_by_text("Thật: danh sách đầu tiên của máy")).to_be_visible()
    picture(page, f"{named}-4-preview")
    assert fits(page)
    page.get_by_role("button", name="Dùng danh sách này").click()
    expect(page.get_by_text("Đã dùng danh sách mới").first).to_be_visible()
    expect(page.locator(".standing")).to_contain_text("Danh sách của 40 ngày trước")
    expect(screen.locator("[data-lists]")).to_contain_text("Danh sách quá cũ: 40 ngày")
    picture(page, f"{named}-5-red")
    picture(screen, f"{named}-kiosk-red")

    stick.carry(3)
    page.get_by_role("button", name="Cập nhật ngay").click()
    expect(page.locator(".standing")).to_contain_text("Danh sách của 3 ngày trước")
    expect(screen.locator("[data-lists]")).to_have_attribute("data-lists", "green")
    expect(screen.locator("[data-lists]")).to_contain_text(re.compile("Danh sách: 3 ngày trước +Lists: 3 days old"))
    stick.carry(40)
    page.get_by_role("button", name="Xem trong USB có gì").click()
    expect(page.get_by_role("alert")).to_contain_text("cũ hơn bản máy đã biết")
    picture(page, f"{named}-6-older")
    page.get_by_role("link", name="Về trang danh sách").click()
    expect(page.get_by_text("Trực tiếp")).to_be_visible()
    picture(page, f"{named}-7-green")
    picture(screen, f"{named}-kiosk-green")
    if (width, scheme) == (1280, "light"):
        picture(page, "lists", for_readme=True)
    assert fits(page)
    assert fits(screen)
    small = "[...document.querySelectorAll('main button')].filter(e => e.offsetHeight < 38).map(e => e.textContent)"
    assert page.evaluate(small) == []


def test_without_javascript_everything_works_and_the_page_comes_back_by_itself(site, stick, visit):
    page = visit(java_script_enabled=False).page()
    set_up_and_sign_in(page, site.setup_link())
    show_root(page, stick.root)
    believe(page)
    stick.carry(3)
    page.goto("/lists")
    page.get_by_role("button", name="Xem trong USB có gì").click()
    page.get_by_role("button", name="Dùng danh sách này").click()
    expect(page.locator(".standing")).to_contain_text("Danh sách của 3 ngày trước")
    expect(page.get_by_text("Đã dùng danh sách mới").first).to_be_visible()
    page.goto("/kiosk")
    expect(page.get_by_text(re.compile("Danh sách: 3 ngày trước"))).to_be_visible()

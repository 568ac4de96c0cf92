"""The tray: virtual cards, each with what must become of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from appliance.checkin.service import Decision
from appliance.demo.people import DemoMember, chi_bo, visitor
from appliance.demo.pki import DemoPki
from appliance.kiosk.board import TrayCard
from verifier.sdk.testing import ActiveAuthenticationKind, ChipData, ChipOptions, DocumentSigner, write_chip_data


@dataclass(frozen=True, slots=True)
class DemoCard:
    """One card of the tray, and how it is held to the reader."""

    key: str
    title_vi: str
    title_en: str
    decision: Decision
    """What the station must decide."""
    reason: str
    """The reason code that must come with it."""
    chip: ChipData | None = field(repr=False)
    """``None``: the member has no card, and two officers record them by hand."""
    scanned: str = field(repr=False)
    """What the scanner sends before the card is held to the reader; empty where an officer chooses the roster line."""
    member: DemoMember = field(repr=False)
    late_by: timedelta = timedelta(0)
    """How much earlier the meeting began for this card than for the others."""
    taken_away_after: int | None = None
    """After how many commands the card is pulled from the reader."""

    @property
    def is_chosen_by_name(self) -> bool:
        """Whether nothing is scanned: an officer must choose the member, or the card stays unread."""
        return self.chip is not None and not self.scanned

    def on_board(self) -> TrayCard:
        """Return the card as the page shows it."""
        return TrayCard(self.key, self.title_vi, self.title_en, self.decision.value)


class _Printer:
    """Makes cards: each call personalises a chip for a member and states what must become of it."""

    def __init__(self, pki: DemoPki) -> None:
        self._pki = pki
        self._members = chi_bo()

    def card(
        self,
        key: str,
        titles: tuple[str, str],
        decision: Decision,
        reason: str,
        *,
        owner: str | DemoMember,
        signer: DocumentSigner | None = None,
        alter: Callable[[ChipData], ChipData] | None = None,
        bac: bool = False,
        expiry: str | None = None,
        scanned: str | None = None,
        late_by: timedelta = timedelta(0),
        taken_away_after: int | None = None,
    ) -> DemoCard:
        member = self._members[owner] if isinstance(owner, str) else owner
        person = member.person if expiry is None else replace(member.person, date_of_expiry=expiry)
        chip = write_chip_data(signer or self._pki.signer, person, options=_options(member, bac=bac))
        return DemoCard(
            key,
            *titles,
            decision,
            reason,
            chip=alter(chip) if alter else chip,
            scanned=scanned if scanned is not None else (chip.mrz if bac else member.can),
            member=member,
            late_by=late_by,
            taken_away_after=taken_away_after,
        )

    def without_card(self, key: str, titles: tuple[str, str], owner: str) -> DemoCard:
        return DemoCard(
            key,
            *titles,
            Decision.RECORDED_BY_HAND,
            "recorded-by-hand",
            chip=None,
            scanned="",
            member=self._members[owner],
        )


def tray(pki: DemoPki) -> list[DemoCard]:
    """Return the cards in the order in which the headless demo taps them."""
    return [*_good_cards(_Printer(pki)), *_refused_cards(_Printer(pki), pki), *_mishaps(_Printer(pki))]


def _good_cards(make: _Printer) -> list[DemoCard]:
    genuine = make.card("genuine", ("Thẻ thật", "Genuine card"), Decision.PRESENT, "present", owner="Sen")
    again = replace(
        genuine,
        key="again",
        title_vi="Đưa thẻ lần nữa",
        title_en="The same card again",
        decision=Decision.ALREADY_PRESENT,
        reason="already-present",
    )
    return [
        genuine,
        again,
        make.card(
            "older",
            ("Thẻ đời cũ", "Older card: BAC and Active Authentication"),
            Decision.PRESENT,
            "present",
            owner="Tre",
            bac=True,
        ),
        make.card(
            "late",
            ("Coi như đến muộn 40 phút", "Genuine, as if 40 minutes late"),
            Decision.PRESENT_LATE,
            "present-late",
            owner="Mai",
            late_by=timedelta(minutes=40),
        ),
        make.card(
            "visiting",
            ("Đảng viên chi bộ khác", "Member of another chi bộ"),
            Decision.VISITING,
            "not-on-roster",
            owner=visitor(),
        ),
        make.card(
            "chosen",
            ("Không quét mã: cán bộ chọn tên Tùng", "No scan: an officer chooses Tùng"),
            Decision.PRESENT,
            "present",
            owner="Tùng",
            scanned="",
        ),
        make.without_card("by-hand", ("Không mang thẻ", "No card: recorded by hand"), "Đậu"),
    ]


def _refused_cards(make: _Printer, pki: DemoPki) -> list[DemoCard]:
    def refused(key: str, vi: str, en: str, reason: str, owner: str, **how: object) -> DemoCard:
        return make.card(key, (vi, en), Decision.REFUSED, reason, owner=owner, **how)  # type: ignore[arg-type]

    return [
        replace(
            refused("revoked", "Thẻ đã thu hồi", "Revoked card", "card-revoked", "Đào"),
            chip=pki.revoked_chip,
            scanned=pki.revoked_member.can,
            member=pki.revoked_member,
        ),
        refused(
            "signer-revoked", "Khóa ký của nơi cấp đã thu hồi", "Signer revoked by CRL", "signer-revoked", "Cúc",
            signer=pki.revoked_signer,
        ),
        refused(
            "unknown-issuer", "Không rõ nơi cấp", "Signer of an unknown CSCA", "issuer-unknown", "Lan",
            signer=pki.unknown_signer,
        ),
        refused(
            "foreign-issuer", "Thẻ do nước khác cấp", "A genuine CSCA of another state",
            "issuing-state-not-accepted", "Bưởi",
            signer=pki.foreign_signer,
        ),
        refused("altered", "Dữ liệu bị sửa", "Altered DG1", "data-group-altered", "Cam", alter=_with_another_name),
        refused("clone", "Thẻ sao chép", "Clone with a key of its own", "chip-not-authentic", "Quýt", alter=_clone),
        refused(
            "bare-clone", "Thẻ sao chép, thiếu dữ liệu", "Clone without DG14 and DG15", "data-group-withheld", "Nhài",
            alter=_bare_clone,
        ),
        refused("expired", "Thẻ hết hạn", "Expired card", "document-expired", "Huệ", expiry="240630"),
        refused(
            "malformed", "Chữ ký dữ liệu hỏng", "Malformed EF.SOD", "sod-malformed", "Trúc",
            alter=_with_broken_sod,
        ),
    ]  # fmt: skip


def _mishaps(make: _Printer) -> list[DemoCard]:
    return [
        make.card(
            "wrong-can",
            ("Quét nhầm mã của thẻ khác", "Wrong CAN"),
            Decision.TRY_AGAIN,
            "access-denied",
            owner="Bàng",
            scanned="999999",
        ),
        make.card(
            "taken-away",
            ("Rút thẻ quá sớm", "Taken away mid-read"),
            Decision.TRY_AGAIN,
            "card-removed",
            owner="Phượng",
            taken_away_after=8,
        ),
    ]


def _options(member: DemoMember, *, bac: bool) -> ChipOptions:
    if bac:
        return ChipOptions(
            can=None,
            pace_curve=None,
            chip_authentication_curve=None,
            active_authentication=ActiveAuthenticationKind.RSA,
        )
    return ChipOptions(can=member.can)


# --- what forgers do ---------------------------------------------------------------------------------------------


def _with_files(chip: ChipData, **changed: bytes) -> ChipData:
    return replace(chip, files={**chip.files, **{name.replace("_", "."): content for name, content in changed.items()}})


def _with_another_name(chip: ChipData) -> ChipData:
    """Another name over the same signature."""
    return _with_files(chip, DG1=chip.files["DG1"].replace(b"MAU<<", b"TRE<<"))


def _clone(chip: ChipData) -> ChipData:
    """All files copied; the key cannot be, so the copier made one."""
    keys = tuple(replace(key, scalar=key.scalar // 2 + 1) for key in chip.chip_authentication)
    return replace(chip, chip_authentication=keys)


def _bare_clone(chip: ChipData) -> ChipData:
    """All files copied but those that ask the chip to prove itself."""
    files = {name: content for name, content in chip.files.items() if name not in {"DG14", "DG15"}}
    return replace(chip, files=files, chip_authentication=())


def _with_broken_sod(chip: ChipData) -> ChipData:
    sod = chip.files["EF.SOD"]
    return _with_files(chip, EF_SOD=sod[:200] + bytes(len(sod) - 200))

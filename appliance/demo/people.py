"""Twenty-four invented members of an invented chi bộ. «Mẫu» means *sample*; the given names are plants."""

from dataclasses import dataclass, field

from appliance.roster import MemberClass, MemberStatus
from verifier.sdk.testing import Person

CHI_BO = "Chi bộ Vườn Mẫu (mô phỏng)"
PLANTS = (
    "Sen", "Tre", "Mai", "Đào", "Cúc", "Lan", "Bưởi", "Cam", "Quýt", "Nhài", "Huệ", "Tùng",
    "Trúc", "Bàng", "Phượng", "Gạo", "Dừa", "Cau", "Lúa", "Ngô", "Khoai", "Sắn", "Đậu", "Ổi",
)  # fmt: skip
WITH_KNOWN_CAN = ("Tùng", "Gạo", "Dừa")
"""Members who let the roster keep their card's CAN: an officer chooses their name, and nothing is scanned."""
_PROBATIONARY = {"Đậu", "Ổi"}
_STATUS = {"Cau": MemberStatus.EXEMPT, "Lúa": MemberStatus.AWAY, "Ngô": MemberStatus.SPECIAL_DUTY}


@dataclass(frozen=True, slots=True)
class DemoMember:
    """One invented member: the person on the card, and the line on the roster."""

    person: Person = field(repr=False)
    can: str = field(repr=False)
    """Six digits as printed on the card."""
    member_class: MemberClass
    status: MemberStatus


def chi_bo() -> dict[str, DemoMember]:
    """Return the members by the plant in their name, in the order of the roster."""
    return {plant: _member(plant, position) for position, plant in enumerate(PLANTS, start=1)}


def visitor() -> DemoMember:
    """Return an invented member of another chi bộ."""
    return _member("Khách", 91)


def _member(plant: str, position: int) -> DemoMember:
    middle, sex = ("Thị", "F") if position % 2 else ("Văn", "M")
    person = Person(
        display_name=f"Mẫu {middle} {plant}",
        personal_number=f"{position:012d}",  # begins with zeros, so that nobody has it
        date_of_birth=f"{50 + position % 45:02d}0517",
        sex=sex,
    )
    return DemoMember(
        person=person,
        can=f"{700_000 + position:06d}",
        member_class=MemberClass.PROBATIONARY if plant in _PROBATIONARY else MemberClass.OFFICIAL,
        status=_STATUS.get(plant, MemberStatus.ACTIVE),
    )

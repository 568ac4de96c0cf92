"""A root that is pinned while the station runs."""

from pathlib import Path

from lists_world.appliances import Appliance
from lists_world.town import AT, Town

from appliance.lists.device_lists import DeviceLists
from appliance.lists.folder import ListsFolder
from appliance.lists.hand_placed import HandPlacedLists
from appliance.lists.pinning import pin
from appliance.lists.sealed_store import SealedLists


def test_what_was_placed_by_hand_counts_until_a_root_is_pinned_and_not_a_tap_longer(town: Town, tmp_path: Path) -> None:
    folder = ListsFolder(tmp_path / "lists")
    opened: list[SealedLists] = []

    def signed() -> SealedLists:
        opened.append(SealedLists(folder))
        return opened[-1]

    lists = DeviceLists(
        folder,
        by_hand=lambda: HandPlacedLists(
            tmp_path / "trust", tmp_path / "card-status.list", tmp_path / "card-status.key"
        ),
        signed=signed,
    )
    assert "no card status list" in lists.summary(at=AT)
    assert not opened
    pin(folder, town.desk.first_root)
    assert lists.summary(at=AT) == "no lists yet"
    Appliance(folder).take(town.public, at=AT)
    assert lists.current().card_status is not None
    assert lists.in_use.content == Appliance(folder).sealed.content
    assert len(opened) == 1
    opened[0].close()

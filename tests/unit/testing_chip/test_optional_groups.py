"""The data groups that not every card has, as the reader decodes them, and as a card gives them."""

import pytest

from verifier.errors import InvalidInput
from verifier.lds.atr_info import AtrInfo
from verifier.lds.com import CommonData
from verifier.lds.dg2 import DataGroup2
from verifier.lds.dg7 import DataGroup7
from verifier.lds.dg11 import DataGroup11
from verifier.lds.dg12 import DataGroup12
from verifier.lds.dg13 import DataGroup13
from verifier.lds.dg16 import DataGroup16
from verifier.lds.images import ImageFormat
from verifier.lds.security_object import SecurityObject
from verifier.reading.profiles.vn_citizen_details import CitizenDetails
from verifier.sdk.testing import Behaviour, ChipOptions, invented_person, write_chip_data
from verifier.sdk.testing.misbehaving import Scene
from verifier.sdk.testing.writing.optional_groups import ImageKind, placeholder_image, write_dg2, write_optional_group

GROUPS = (2, 7, 11, 12, 13, 16)
IMAGE_FORMATS = {ImageKind.JPEG: ImageFormat.JPEG, ImageKind.JPEG2000: ImageFormat.JP2}
HOLDER = invented_person(7)


@pytest.mark.parametrize("kind", ImageKind)
def test_a_face_is_a_picture_in_a_face_record_in_a_template(kind: ImageKind) -> None:
    image = placeholder_image(kind)
    group = DataGroup2.decode(write_dg2(image, kind, count=2))
    assert len(group.templates) == 2
    assert [found.data for found in group.images] == [image, image]
    assert {found.format for found in group.images} == {IMAGE_FORMATS[kind]}


def test_what_is_invented_about_a_holder_is_found_again() -> None:
    details = DataGroup11.decode(write_optional_group(11, HOLDER))
    assert details.personal_number == HOLDER.personal_number
    assert (details.full_date_of_birth or "").endswith(HOLDER.date_of_birth)
    assert len(details.other_names) == 1
    document = DataGroup12.decode(write_optional_group(12, HOLDER))
    assert document.date_of_issue == "20250101"
    assert len(DataGroup16.decode(write_optional_group(16, HOLDER)).persons) == 1
    assert len(DataGroup7.decode(write_optional_group(7, HOLDER)).signatures) == 1


def test_dg13_has_the_layout_that_is_assumed_for_citizen_cards() -> None:
    raw = write_optional_group(13, HOLDER)
    assert DataGroup13.decode(raw).content
    details = CitizenDetails.decode(raw)
    assert (details.citizen_number, details.full_name) == (HOLDER.personal_number, HOLDER.display_name)


@pytest.mark.parametrize("number", [1, 3, 5, 14, 17])
def test_nothing_is_invented_for_other_groups(number: int) -> None:
    with pytest.raises(InvalidInput):
        write_optional_group(number, HOLDER)


def test_all_of_them_are_signed_and_listed(scene: Scene) -> None:
    options = ChipOptions(data_groups=frozenset(GROUPS), terminal_authentication=True, locked_groups=frozenset({3, 4}))
    data = write_chip_data(scene.signer, HOLDER, options=options)
    signed = SecurityObject.decode(data.files["EF.SOD"]).data_group_hashes
    assert sorted(signed) == [1, 2, 3, 4, 7, 11, 12, 13, 14, 16]
    assert CommonData.decode(data.files["EF.COM"]).data_groups == tuple(sorted(signed))
    assert data.locked == {"DG3", "DG4"}


@pytest.mark.parametrize("extended", [True, False])
def test_a_card_tells_its_limits_in_its_atr_info(scene: Scene, extended: bool) -> None:
    behaviour = Behaviour(extended_length=extended, short_identifiers=extended, command_chaining=not extended)
    data = write_chip_data(scene.signer, HOLDER, options=ChipOptions(atr_info=True, behaviour=behaviour))
    told = AtrInfo.decode(data.files["EF.ATR/INFO"])
    assert (told.extended_length, told.short_identifiers, told.command_chaining) == (extended, extended, not extended)

"""Whether two files name the same chip: by the keys for Chip Authentication that they hold."""

from verifier.access.chip.chip_authentication_offers import MAX_KEYS, static_key_of
from verifier.access.chip.static_keys import CurveKey, FieldKey, StaticKey
from verifier.errors import MalformedData, UnsupportedFeature
from verifier.lds.security_infos import ChipAuthenticationPublicKeyInfo, SecurityInfos


def known_static_key(info: ChipAuthenticationPublicKeyInfo) -> StaticKey | None:
    """Return the key; ``None`` where it is of a kind that is not carried, or malformed."""
    try:
        return static_key_of(info)
    except (MalformedData, UnsupportedFeature):
        return None


def share_a_key(first: SecurityInfos, second: SecurityInfos) -> bool:
    """Tell whether one key stands in both, however it is encoded: then both are of one chip."""
    return bool(shared_keys(first, second))


def shared_keys(first: SecurityInfos, second: SecurityInfos) -> tuple[StaticKey, ...]:
    """Return the keys that stand in both."""
    theirs = [known_static_key(info) for info in second.chip_authentication_public_keys[:MAX_KEYS]]
    ours = (known_static_key(info) for info in first.chip_authentication_public_keys[:MAX_KEYS])
    return tuple(key for key in ours if key is not None and key in theirs)


def contradict(first: SecurityInfos, second: SecurityInfos) -> bool:
    """Tell whether both give the same number to different keys of one curve or group: then they are of different chips.

    Keys without a number contradict nothing: that one file has one key alone says nothing of the other.
    """
    theirs = {info.key_id: known_static_key(info) for info in second.chip_authentication_public_keys[:MAX_KEYS]}
    for info in first.chip_authentication_public_keys[:MAX_KEYS]:
        key, other = known_static_key(info), theirs.get(info.key_id)
        if info.key_id is None or key is None or other is None or key == other:
            continue
        if _same_group(key, other):
            return True
    return False


def _same_group(first: StaticKey, second: StaticKey) -> bool:
    if isinstance(first, CurveKey) and isinstance(second, CurveKey):
        return first.curve == second.curve
    return isinstance(first, FieldKey) and isinstance(second, FieldKey) and first.group == second.group

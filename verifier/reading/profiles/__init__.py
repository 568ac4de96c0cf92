"""The profiles that come with the engine, by their names."""

from types import MappingProxyType

from verifier.reading.profiles.icao_mrtd import ICAO_MRTD
from verifier.reading.profiles.party_card import PARTY_CARD
from verifier.reading.profiles.vn_cccd import VN_CCCD

BUILT_IN_PROFILES = MappingProxyType({profile.name: profile for profile in (ICAO_MRTD, VN_CCCD, PARTY_CARD)})
"""``icao-mrtd``, ``vn-cccd`` and ``party-card``."""

"""The door for those who look after trust: who may vouch for lists, and what lists say."""

from verifier.pki.sources.deviation_list import DeviationKind, DeviationList, KnownDeviation
from verifier.pki.sources.master_list import MasterList
from verifier.pki.sources.pkd import PkdRemark
from verifier.pki.sources.signed_list import ListKind, ListSigners, Voucher, decode_signed_list
from verifier.pki.trust_store import TrustStore

__all__ = [
    "DeviationKind",
    "DeviationList",
    "KnownDeviation",
    "ListKind",
    "ListSigners",
    "MasterList",
    "PkdRemark",
    "TrustStore",
    "Voucher",
    "decode_signed_list",
]

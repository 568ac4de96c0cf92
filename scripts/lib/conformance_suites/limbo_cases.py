"""Limbo cases made anew, by their names there: with our own keys, and the one thing that is odd about each."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from conformance_suites.building import FROM, UNKNOWN, UNTIL, Cert, Crl, judge, leaf

ROOT = Cert("root")
_CA = "intermediate"
_SECOND = timedelta(seconds=1)
_USAGE = frozenset({"key_cert_sign"})


def _ca(name: str = _CA, by: str = "root", **changes: object) -> Cert:
    return Cert(name, by, **changes)  # type: ignore[arg-type]


def _limited(name: str, length: int | None, by: str = "root") -> Cert:
    return _ca(name, by, constraints=x509.BasicConstraints(True, length))


def _single(root: Cert = ROOT, peer: Cert | None = None, **more: object) -> partial[str]:
    """root → leaf."""
    return partial(judge, [root], [], peer or leaf(), **more)  # type: ignore[arg-type]


def _chain(*authorities: Cert, root: Cert = ROOT, peer: Cert | None = None, **more: object) -> partial[str]:
    """root → … → leaf under the last authority."""
    return partial(judge, [root], authorities, peer or leaf(authorities[-1].name), **more)  # type: ignore[arg-type]


def _at(at: datetime, **dates: datetime) -> partial[str]:
    wide = {"not_before": FROM - 99 * timedelta(days=1), "not_after": UNTIL + 99 * timedelta(days=1)}
    return partial(judge, [Cert("root", **wide)], [_ca(**dates)], leaf(_CA), at=at)  # type: ignore[arg-type]


def _expired(who: str) -> partial[str]:
    late = UNTIL + timedelta(days=300)
    good, bad = {"not_after": late + timedelta(days=1)}, {"not_after": UNTIL}
    root, ca, peer = (bad if who == name else good for name in ("root", _CA, "leaf"))
    return partial(judge, [Cert("root", **root)], [_ca(**ca)], leaf(_CA, **peer), at=late)  # type: ignore[arg-type]


def _aia(value: x509.ExtensionType, critical: bool) -> Cert:
    return leaf(extra=((value, critical),))


def _constrained(*names: str) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return ((x509.NameConstraints([x509.DNSName(name) for name in names], None), True),)


def _hundred(same_subject: bool, same_key: bool) -> partial[str]:
    """A hundred authorities that sign each other in a row, and a leaf whose root is not there."""
    authorities = [
        Cert(
            f"ca {number}",
            f"ca {number - 1}" if number else "nobody",
            subject="ca" if same_subject else None,
            key="one" if same_key else None,
        )
        for number in range(100)
    ]
    return partial(judge, [ROOT], authorities, leaf("ca 99"), max_depth=0)


_ACCESS = x509.AuthorityInformationAccess(
    [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://example.org"))]
)
_WEAK_ROOT = Cert("root", usage=_USAGE)
_TWO = (Cert("root"), Cert("other"))
_MIDNIGHT, _END = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)

CASES: Final[dict[str, tuple[bool, partial[str]]]] = {
    "crl::certificate-not-on-crl": (True, _single(crls=[Crl("root", (4711,))])),
    "crl::certificate-serial-on-crl-different-issuer": (
        True,
        partial(judge, _TWO, [], leaf(serial=4711), [Crl("root"), Crl("other", (4711,))]),
    ),
    "crl::crlnumber-critical": (False, _single(crls=[Crl("root", critical_number=True)])),
    "crl::crlnumber-missing": (False, _single(crls=[Crl("root", number=False)])),
    "crl::issuer-missing-crlsign": (False, _single(_WEAK_ROOT, crls=[Crl("root")])),
    "crl::issuer-no-keyusage-extension": (True, _single(Cert("root", usage=None), crls=[Crl("root")])),
    "crl::issuer-valid-crlsign-and-keycertsign": (True, _single(crls=[Crl("root")])),
    "crl::revoked-certificate-with-crl": (False, _single(peer=leaf(serial=4711), crls=[Crl("root", (4711,))])),
    "invalid::invalid-issuer-key": (False, _chain(_ca(), peer=leaf(_CA, signed_with="another"))),
    "pathlen::ee-with-intermediate-pathlen-0": (True, _chain(_limited("a", 0))),
    "pathlen::ee-with-intermediate-pathlen-1": (True, _chain(_limited("a", 1))),
    "pathlen::ee-with-intermediate-pathlen-2": (True, _chain(_limited("a", 2))),
    "pathlen::intermediate-violates-pathlen-0": (
        False,
        _chain(_limited("a", 0), _limited("b", 0, "a"), max_depth=1),
    ),
    "pathlen::intermediate-pathlen-too-long": (
        False,
        _chain(_limited("a", 1), _limited("b", 1, "a"), _limited("c", 0, "b"), max_depth=1),
    ),
    "pathological::intermediate-cycle-distinct-cas": (
        False,
        partial(judge, [ROOT], [_ca("a", "b"), _ca("b", "a")], leaf("a")),
    ),
    "pathological::intermediate-cycle-same-logical-ca": (
        False,
        partial(judge, [ROOT], [_ca("a", "b", subject="x"), _ca("b", "a", subject="x")], leaf("a")),
    ),
    "pathological::multiple-chains-expired-intermediate": (
        True,
        partial(
            judge,
            [ROOT, Cert("other", key="a", subject="a")],
            [_ca("a", not_after=FROM + _SECOND)],
            leaf("a"),
        ),
    ),
    "pathological::pathological-chain-distinct-subject-distinct-key": (False, _hundred(False, False)),
    "pathological::pathological-chain-distinct-subject-same-key": (False, _hundred(False, True)),
    "pathological::pathological-chain-same-subject-distinct-key": (False, _hundred(True, False)),
    "pathological::pathological-chain-same-subject-same-key": (False, _hundred(True, True)),
    "rfc5280::aki::critical-aki": (False, _single(peer=leaf(critical_identifiers=True))),
    "rfc5280::aki::intermediate-missing-aki": (False, _chain(_ca(authority_key=False))),
    "rfc5280::aki::leaf-missing-aki": (False, _single(peer=leaf(authority_key=False))),
    "rfc5280::aki::self-signed-root-missing-aki": (True, _single(Cert("root", authority_key=False))),
    "rfc5280::chain-untrusted-root": (False, _chain(Cert("stranger"), _ca(by="stranger"))),
    "rfc5280::ee-aia": (True, _single(peer=_aia(_ACCESS, False))),
    "rfc5280::ee-critical-aia-invalid": (False, _single(peer=_aia(_ACCESS, True))),
    "rfc5280::eku::ee-without-eku": (True, _single()),
    "rfc5280::ica-ku-keycertsign": (False, _chain(_ca(usage=frozenset({"crl_sign"})))),
    "rfc5280::intermediate-ca-missing-basic-constraints": (False, _chain(_ca(constraints=None))),
    "rfc5280::intermediate-ca-without-ca-bit": (False, _chain(_ca(constraints=x509.BasicConstraints(False, None)))),
    "rfc5280::leaf-ku-keycertsign": (
        False,
        _single(peer=leaf(usage=frozenset({"digital_signature", "key_cert_sign"}))),
    ),
    "rfc5280::nc::excluded-dns-match": (False, _chain(_ca(extra=_constrained("other.example")))),
    "rfc5280::nc::not-allowed-in-ee-critical": (False, _single(peer=leaf(extra=_constrained("a.example")))),
    "rfc5280::nc::permitted-dns-mismatch": (False, _single(Cert("root", extra=_constrained("a.example")))),
    "rfc5280::no-basicconstraints": (True, _single()),
    "rfc5280::no-keyusage": (True, _single(peer=leaf(usage=None))),
    "rfc5280::root-and-intermediate-swapped": (
        True,
        partial(judge, [_ca()], [Cert("root")], leaf(_CA)),
    ),
    "rfc5280::root-inconsistent-ca-extensions": (False, _single(Cert("root", usage=frozenset({"digital_signature"})))),
    "rfc5280::root-missing-basic-constraints": (False, _single(Cert("root", constraints=None))),
    "rfc5280::root-non-critical-basic-constraints": (False, _single(Cert("root", critical_constraints=False))),
    "rfc5280::ski::critical-ski": (False, _single(Cert("root", critical_identifiers=True))),
    "rfc5280::ski::intermediate-missing-ski": (False, _chain(_ca(subject_key=False))),
    "rfc5280::ski::root-missing-ski": (False, _single(Cert("root", subject_key=False))),
    "rfc5280::unknown-critical-extension-ee": (False, _single(peer=leaf(extra=(UNKNOWN,)))),
    "rfc5280::unknown-critical-extension-intermediate": (False, _chain(_ca(extra=(UNKNOWN,)))),
    "rfc5280::unknown-critical-extension-root": (False, _single(Cert("root", extra=(UNKNOWN,)))),
    "rfc5280::unknown-critical-extension-unrelated-intermediate": (True, _chain(_ca("b", extra=(UNKNOWN,)), _ca())),
    "rfc5280::unknown-critical-extension-unrelated-root": (
        True,
        partial(judge, [Cert("other", extra=(UNKNOWN,)), ROOT], [], leaf()),
    ),
    "rfc5280::validity::expired-1-second": (False, _at(_END + _SECOND, not_after=_END)),
    "rfc5280::validity::expired-5-seconds": (False, _at(_END + 5 * _SECOND, not_after=_END)),
    "rfc5280::validity::expired-intermediate": (False, _expired(_CA)),
    "rfc5280::validity::expired-leaf": (False, _expired("leaf")),
    "rfc5280::validity::expired-root": (False, _expired("root")),
    "rfc5280::validity::not-yet-valid-1-second": (False, _at(_MIDNIGHT - _SECOND, not_before=_MIDNIGHT)),
    "rfc5280::validity::not-yet-valid-5-seconds": (False, _at(_MIDNIGHT - 5 * _SECOND, not_before=_MIDNIGHT)),
    "rfc5280::validity::notafter-exact": (True, _at(_END)),
    "rfc5280::validity::notafter-fractional": (True, _at(_END + _SECOND / 2)),
    "rfc5280::validity::notbefore-exact": (True, _at(_MIDNIGHT)),
    "rfc5280::validity::notbefore-fractional": (False, _at(_MIDNIGHT - _SECOND / 2)),
    "webpki::ca-as-leaf": (False, _single(peer=leaf(constraints=x509.BasicConstraints(True, None), usage=_USAGE))),
}
"""Case → whether it ought to succeed, and how to run it."""

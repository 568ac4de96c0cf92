"""HTTPS, and a device that does not know what time it is: whose certificate is believed, and when."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lists_world.mirrors import Mirror
from lists_world.town import AT, CHI_BO, Town

from appliance.errors import SourceUnreachable
from appliance.lists.publication import Publication
from appliance.lists.sources.mirror import MirrorFetcher

DAY = timedelta(days=1)


def certificate(folder: Path, *, begins: datetime, ends: datetime, host: str = "127.0.0.1") -> Path:
    """Write a self-signed certificate of a server, with its key, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an invented mirror")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
    made = made.add_extension(names, critical=False)
    signed = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, SHA256())
    path = folder / f"{begins:%Y%m%d}-{host}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(signed.public_bytes(Encoding.PEM) + private)
    return path


def fetch(town: Town, tmp_path: Path, server: Path, *, believed: Path, check_time: bool = True) -> Publication:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    metadata = tmp_path / "metadata"
    metadata.mkdir(exist_ok=True)
    with Mirror(town.public, tls=context) as mirror:
        fetcher = MirrorFetcher(mirror.address, tmp_path, check_certificate_time=check_time, certificates=believed)
        try:
            return Publication(fetcher, mirror.address, metadata, town.first_root, at=AT, chi_bo=CHI_BO)
        finally:
            fetcher.close()


Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(days: int = -1, **how: str) -> Path:
        begins = datetime.now(UTC) + days * DAY
        return certificate(tmp_path, begins=begins, ends=begins + 30 * DAY, **how)

    return make


def test_lists_come_by_https(town: Town, tmp_path: Path, make: Make) -> None:
    good = make()
    assert fetch(town, tmp_path, good, believed=good).offer.targets


@pytest.mark.parametrize("days", [10 * 365, -10 * 365], ids=["not yet valid", "expired"])
def test_a_certificate_of_another_time_counts_only_where_the_time_is_not_known(
    town: Town, tmp_path: Path, make: Make, days: int
) -> None:
    """A clock that stands at 1970 finds every certificate not yet valid; who signed the lists is another question."""
    other = make(days)
    with pytest.raises(SourceUnreachable, match="is this device's clock right"):
        fetch(town, tmp_path, other, believed=other)
    assert fetch(town, tmp_path, other, believed=other, check_time=False).offer.targets


@pytest.mark.parametrize("check_time", [True, False])
def test_a_certificate_of_somebody_else_counts_at_no_time(
    town: Town, tmp_path: Path, make: Make, check_time: bool
) -> None:
    other = make(-2)
    with pytest.raises(SourceUnreachable, match="certificate of the mirror is not believed"):
        fetch(town, tmp_path, make(), believed=other, check_time=check_time)


@pytest.mark.parametrize("check_time", [True, False])
def test_a_certificate_for_another_host_counts_at_no_time(
    town: Town, tmp_path: Path, make: Make, check_time: bool
) -> None:
    other = make(host="127.0.0.2")
    with pytest.raises(SourceUnreachable, match="certificate of the mirror is not believed"):
        fetch(town, tmp_path, other, believed=other, check_time=check_time)

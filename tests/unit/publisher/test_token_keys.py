"""Keys in a PKCS#11 token, with a real one in software: SoftHSM."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.desk import Desk
from publisher.errors import TokenError, WrongUsage
from publisher.founding import Founding
from publisher.passphrases import GivenPassphrases
from publisher.token_keys import TokenKey

from .conftest import DAY, NOW, SECRET, taken, versions

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "4711-invented"
URI = "hsm:2?label=thechip"

NEEDS_SOFTHSM = pytest.mark.skipif(
    not LIBRARY.exists() or shutil.which("softhsm2-util") is None, reason="needs the Debian package softhsm2"
)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A token with one key on P-256 and one on P-384; the library reads its configuration once in a process."""
    import pkcs11
    from pkcs11.util.ec import encode_named_curve_parameters

    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        patch.setenv("PYKCS11LIB", str(LIBRARY))
        subprocess.run(
            [
                "softhsm2-util",
                "--init-token",
                "--free",
                "--label",
                "thechip",
                "--pin",
                PIN,
                "--so-pin",
                "1234-invented",
            ],
            check=True,
            capture_output=True,
            env=dict(os.environ),
        )
        with pkcs11.lib(str(LIBRARY)).get_token(token_label="thechip").open(user_pin=PIN, rw=True) as session:
            for number, curve in ((2, "secp256r1"), (3, "secp384r1")):
                parameters = session.create_domain_parameters(
                    pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}, local=True
                )
                parameters.generate_keypair(store=True, id=bytes([number]), label=curve)
        yield URI


def passphrases(pin: str = PIN) -> GivenPassphrases:
    return GivenPassphrases({"timestamp-pin": pin.encode()}, others=b"an invented passphrase")


@NEEDS_SOFTHSM
def test_a_timestamp_key_in_a_token_signs_every_day(token: str, tmp_path: Path) -> None:
    founding = Founding(tokens={"timestamp": token})
    desk = Desk.found(tmp_path / "desk", at=NOW, passphrases=passphrases(), founding=founding)
    assert not list(desk.folder.keys.glob("timestamp*"))
    again = Desk(desk.folder.path, passphrases=passphrases())
    again.publish(at=NOW + DAY)
    assert versions(taken(again, at=NOW + DAY))["timestamp"] == 2
    (key,) = next(role.keys for role in again.status(at=NOW).roles if role.role == "timestamp")
    assert key.name == token


@NEEDS_SOFTHSM
def test_a_role_moves_from_a_file_into_a_token(token: str, desk: Desk) -> None:
    desk = Desk(desk.folder.path, passphrases=passphrases())
    rotation = desk.rotate("timestamp", at=NOW + DAY, token="hsm:3?label=thechip")
    assert rotation.missing == 0
    desk.publish(at=NOW + DAY)
    assert versions(taken(desk, at=NOW + DAY))["root"] == 2
    root = desk.folder.root().signed
    assert root.roles["timestamp"].keyids == list(rotation.made)
    assert root.keys[rotation.made[0]].scheme == "ecdsa-sha2-nistp384"


@NEEDS_SOFTHSM
def test_a_province_may_have_its_key_in_a_token(token: str, tmp_path: Path) -> None:
    known = GivenPassphrases({"province-01-pin": PIN.encode()})
    province = Desk.found_province(tmp_path / "province", "01", passphrases=known, token=token)
    assert province.publish(at=NOW).versions == {"province-01": 1}


@NEEDS_SOFTHSM
def test_a_wrong_pin_is_told_and_publishes_nothing(token: str, tmp_path: Path) -> None:
    founding = Founding(tokens={"timestamp": token})
    desk = Desk.found(tmp_path / "desk", at=NOW, passphrases=passphrases(), founding=founding)
    wrong = Desk(desk.folder.path, passphrases=passphrases("0000-wrong"))
    with pytest.raises(TokenError, match="timestamp-pin: it did not sign") as told:
        wrong.publish(at=NOW + DAY)
    assert "0000-wrong" not in told.value.sentence
    assert versions(taken(desk, at=NOW))["timestamp"] == 1


@NEEDS_SOFTHSM
@pytest.mark.parametrize("uri", ["hsm:9?label=thechip", "hsm:2?label=nowhere"])
def test_a_key_or_token_that_is_not_there_is_told(token: str, tmp_path: Path, uri: str) -> None:
    with pytest.raises(TokenError, match="its key cannot be read"):
        Desk.found(tmp_path / "desk", at=NOW, passphrases=passphrases(), founding=Founding(tokens={"timestamp": uri}))
    assert not (tmp_path / "desk" / "root.json").exists()


@pytest.mark.parametrize("uri", ["file:/x", "hsm:two", "hsm:-1", "", "pkcs11:token=x"])
def test_another_uri_names_no_key(uri: str) -> None:
    with pytest.raises(WrongUsage, match="hsm:2"):
        _ = TokenKey("timestamp", uri).number


def test_without_a_library_no_token_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYKCS11LIB", raising=False)
    with pytest.raises(TokenError, match="PYKCS11LIB"):
        Desk.found(tmp_path / "desk", at=NOW, passphrases=SECRET, founding=Founding(tokens={"timestamp": URI}))

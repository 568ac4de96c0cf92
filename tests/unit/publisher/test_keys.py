"""Key files and passphrases: what opens them, and what is refused."""

import logging
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner, Key

from publisher.errors import KeyMissing, KeyUnusable, PassphraseMissing, PassphraseWrong
from publisher.keyring import Keyring
from publisher.passphrases import AskedPassphrases, GivenPassphrases, PassphraseFiles, nobody, read_passphrase

GOOD = b"six quite random invented words"


def ring(folder: Path, passphrase: bytes = GOOD) -> Keyring:
    return Keyring([folder], GivenPassphrases(others=passphrase))


def made(folder: Path) -> tuple[Key, Path]:
    key = ring(folder).make("timestamp")
    (path,) = folder.iterdir()
    return key, path


def test_a_key_signs_after_it_was_stored_and_opened_again(tmp_path: Path) -> None:
    key, path = made(tmp_path)
    key.verify_signature(ring(tmp_path).signer(key).sign(b"payload"), b"payload")
    assert path.name == f"timestamp.{key.keyid[:16]}.pem"
    assert load_pem_private_key(path.read_bytes(), GOOD).public_key().public_bytes_raw().hex() == key.keyval["public"]


def test_randomness_is_an_argument(tmp_path: Path) -> None:
    key = ring(tmp_path).make("timestamp", random=lambda length: b"\x07" * length)
    expected = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32).public_key().public_bytes_raw()
    assert key.keyval["public"] == expected.hex()


def test_a_key_is_found_in_any_of_the_folders(tmp_path: Path) -> None:
    key, _ = made(tmp_path / "stick")
    both = Keyring([tmp_path / "not-there", tmp_path / "stick"], GivenPassphrases(others=GOOD))
    assert both.holds(key.keyid)
    assert both.name_of(key.keyid) == "timestamp"
    assert both.signer(key).public_key == key


def test_a_key_that_is_not_here_is_missing(tmp_path: Path) -> None:
    key, path = made(tmp_path)
    path.unlink()
    assert not ring(tmp_path).holds(key.keyid)
    assert ring(tmp_path).name_of(key.keyid) is None
    with pytest.raises(KeyMissing, match="--keys"):
        ring(tmp_path).signer(key)


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path) -> None:
    key, _ = made(tmp_path)
    with pytest.raises(PassphraseWrong, match="does not open"):
        ring(tmp_path, b"another passphrase").signer(key)


def test_a_short_passphrase_protects_no_new_key(tmp_path: Path) -> None:
    with pytest.raises(PassphraseWrong, match="shorter than 12"):
        ring(tmp_path, b"birthday").make("root-1")
    assert list(tmp_path.iterdir()) == []


def test_a_key_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    key, path = made(tmp_path)
    path.chmod(0o640)
    with pytest.raises(KeyUnusable, match="others may read"):
        ring(tmp_path).signer(key)


def test_a_file_under_the_name_of_another_key_is_not_used(tmp_path: Path) -> None:
    key, path = made(tmp_path)
    other = ring(tmp_path / "other").make("timestamp")
    next((tmp_path / "other").iterdir()).replace(path)
    assert other.keyid != key.keyid
    with pytest.raises(KeyUnusable, match="another key than its name says"):
        ring(tmp_path).signer(key)


def in_pem(private: Ed25519PrivateKey, *, encrypted: bool = True) -> bytes:
    protection = BestAvailableEncryption(GOOD) if encrypted else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"noise",
        in_pem(Ed25519PrivateKey.generate(), encrypted=False),
        in_pem(generate_private_key(SECP256R1())),
        b"x" * 20_000,
    ],
)
def test_a_damaged_plain_or_other_key_file_is_not_used(tmp_path: Path, content: bytes) -> None:
    key, path = made(tmp_path)
    path.write_bytes(content)
    with pytest.raises(KeyUnusable):
        ring(tmp_path).signer(key)


def test_a_link_is_no_key_file(tmp_path: Path) -> None:
    key, path = made(tmp_path)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyUnusable, match="cannot be read"):
        ring(tmp_path).signer(key)


def test_no_secret_stands_in_a_repr_an_error_or_a_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key, _ = made(tmp_path)
    given = GivenPassphrases({"a": GOOD}, GOOD)
    asked = AskedPassphrases(lambda _: GOOD.decode())
    asked("timestamp")
    with pytest.raises(PassphraseWrong) as wrong:
        Keyring([tmp_path], GivenPassphrases(others=GOOD + b"x")).signer(key)
    told = f"{given!r} {asked!r} {ring(tmp_path)!r} {wrong.value} {caplog.text}"
    assert GOOD.decode() not in told


def test_somebody_is_asked_once_for_each_key_and_twice_for_a_new_one() -> None:
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return "a typed passphrase"

    asked = AskedPassphrases(ask)
    assert asked("root-1", new=True) == b"a typed passphrase"
    asked("root-1")
    asked("timestamp")
    assert prompts == ["Passphrase of root-1 (new): ", "Passphrase of root-1, again: ", "Passphrase of timestamp: "]


class Typist:
    """Somebody who types these answers, and what was shown to them."""

    def __init__(self, *answers: str) -> None:
        self.answers = iter(answers)
        self.prompts: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        return next(self.answers)


def test_two_different_answers_are_asked_for_again(tmp_path: Path) -> None:
    typist = Typist("a typed passphrase", "a mistyped passphrase", *["a typed passphrase"] * 2)
    key = Keyring([tmp_path], AskedPassphrases(typist)).make("root-1")
    assert typist.prompts[2] == "the two were not the same. Once more. Passphrase of root-1 (new): "
    assert ring(tmp_path, b"a typed passphrase").signer(key).public_key == key


def test_a_short_new_passphrase_is_asked_for_again(tmp_path: Path) -> None:
    typist = Typist("birthday", "birthday", *["a typed passphrase"] * 2)
    Keyring([tmp_path], AskedPassphrases(typist)).make("root-1")
    assert typist.prompts[2].startswith("it is shorter than 12 characters; take six random words. Once more. ")


def test_a_mistyped_passphrase_is_asked_for_again(tmp_path: Path) -> None:
    key, path = made(tmp_path)
    typist = Typist("a mistyped passphrase", GOOD.decode())
    Keyring([tmp_path], AskedPassphrases(typist)).signer(key)
    assert typist.prompts[1].startswith(
        f"the passphrase does not open the key file {path.name}, or the file is damaged"
    )


def test_three_mistakes_are_enough(tmp_path: Path) -> None:
    key, _ = made(tmp_path)
    typist = Typist(*["a mistyped passphrase"] * 9)
    with pytest.raises(PassphraseWrong, match="asked for 3 times"):
        Keyring([tmp_path], AskedPassphrases(typist)).signer(key)
    assert len(typist.prompts) == 3
    with pytest.raises(PassphraseWrong, match="asked for 3 times: the two were not the same"):
        AskedPassphrases(Typist("a", "b", "c", "d", "e", "f"))("root-1", new=True)


def test_a_key_that_is_here_and_closed_is_not_called_missing(tmp_path: Path) -> None:
    from tuf.api.metadata import Role

    key, _ = made(tmp_path)
    with pytest.raises(PassphraseMissing, match=r"no passphrase was given of timestamp .*--passphrase-file timestamp="):
        Keyring([tmp_path]).signers(Role([key.keyid], 1), {key.keyid: key}, "timestamp")


def test_an_empty_answer_means_that_the_key_is_not_used() -> None:
    with pytest.raises(PassphraseMissing, match="root-1"):
        AskedPassphrases(lambda _: "")("root-1")


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [
        (b"one line\n", b"one line"),
        (b"no ending", b"no ending"),
        (b"windows\r\n", b"windows"),
        (b" blanks \n", b" blanks "),
    ],
)
def test_a_passphrase_file_is_one_line(tmp_path: Path, content: bytes, passphrase: bytes) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(content)
    path.chmod(0o600)
    assert PassphraseFiles({"timestamp": path})("timestamp") == passphrase


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines\n"])
def test_another_passphrase_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(PassphraseWrong, match="one line"):
        read_passphrase(path)


def test_a_passphrase_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(GOOD)
    path.chmod(0o644)
    with pytest.raises(PassphraseWrong, match="others may read"):
        read_passphrase(path)


def test_a_key_without_a_file_is_asked_for_elsewhere(tmp_path: Path) -> None:
    assert PassphraseFiles({}, GivenPassphrases(others=GOOD))("root-1") == GOOD
    with pytest.raises(PassphraseMissing):
        PassphraseFiles({}, nobody)("root-1")


def test_as_many_sign_as_must_and_no_more(tmp_path: Path) -> None:
    from tuf.api.metadata import Role

    keyring = ring(tmp_path)
    keys = {key.keyid: key for key in (keyring.make(f"root-{number}") for number in range(3))}
    assert len(keyring.signers(Role(list(keys), 2), keys, "root")) == 2
    foreign, two = CryptoSigner.generate_ed25519().public_key, list(keys)[:2]
    with pytest.raises(KeyMissing, match=f"3 of its keys, and 2 can be used here; not here: {foreign.keyid[:16]}"):
        keyring.signers(Role([*two, foreign.keyid], 3), keys | {foreign.keyid: foreign}, "root")

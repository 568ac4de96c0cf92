import hashlib
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography import x509

from verifier.errors import TrustMaterialError
from verifier.evidence.trust_lists import trust_lists_in_use
from verifier.pki.path import find_path
from verifier.pki.sources.signed_list import ListSigners
from verifier.pki.trust.trust_index import TrustIndex
from verifier.pki.trust.trust_store import TrustStore


def later(path):
    """An index that was written a while after the folder's files changed (their time of change cannot be set)."""
    ahead = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(ahead, ahead))


@pytest.fixture
def folder(make, tmp_path):
    folder = tmp_path / "trust"
    folder.mkdir()
    old, new = make.csca("Old"), make.csca("New")
    (folder / "old.cer").write_bytes(old.certificate.der)
    (folder / "link.cer").write_bytes(make.link(old, new).der)
    (folder / "list.crl").write_bytes(make.crl(old, (5,)).der)
    (folder / "junk.txt").write_text("junk")
    return folder, old, new


@pytest.fixture
def index(tmp_path):
    return tmp_path / "trust.index"


def load(folder, index, **options):
    """Load, and say whether the index served."""
    store = TrustStore.from_folder(folder, index=index, **options)
    return store, store._index is not None


def test_a_store_from_the_index_answers_as_one_from_the_folder(folder, index, make, now):
    where, old, new = folder
    cold, served = load(where, index)
    assert not served
    later(index)
    warm, served = load(where, index)
    assert served
    assert warm.certificates == cold.certificates
    assert warm.anchors == cold.anchors == (old.certificate,)
    assert warm.crls == cold.crls
    assert warm.problems == cold.problems
    assert warm.crls_of(old.certificate) == cold.crls_of(old.certificate)
    assert repr(warm) == repr(cold)
    for issuer in (old, new):
        signer = make.signer(issuer).certificate
        assert warm.issuers_of(signer) == cold.issuers_of(signer)
        assert find_path(signer, warm, now).reason == find_path(signer, cold, now).reason
    assert not warm.is_anchor(make.csca("Old").certificate)


def test_what_a_store_holds_is_told_without_decoding_it_and_the_same_from_folder_and_index(folder, index, make):
    where, old, new = folder
    cold, _ = load(where, index)
    later(index)
    warm, served = load(where, index)
    assert served
    assert warm.content == cold.content
    assert warm.identity == cold.identity
    assert trust_lists_in_use(warm) == trust_lists_in_use(cold)
    assert (warm._index._certificates, warm._index._crls) == ({}, {})
    backwards = TrustStore(reversed(cold.certificates), cold.crls)
    assert backwards.identity == cold.identity

    newer = make.crl(new)
    assert warm.adding([old.certificate]).identity == cold.identity
    assert warm.adding([new.certificate], [newer]).identity == cold.adding([new.certificate], [newer]).identity
    assert warm.adding([new.certificate]).identity != cold.identity
    assert warm.adding((), [newer]).identity != cold.identity


def test_the_time_of_the_newest_crl_is_known_from_the_index(folder, index, make, now):
    where, old, _ = folder
    (where / "older.crl").write_bytes(make.crl(old, this_update=now - timedelta(days=20)).der)
    cold, _ = load(where, index)
    later(index)
    warm, served = load(where, index)
    assert served
    assert warm.content.newest_crl == max(crl.this_update for crl in cold.crls)


def test_a_store_from_the_index_can_be_added_to(folder, index, make):
    where, old, _ = folder
    load(where, index)
    later(index)
    warm, served = load(where, index)
    assert served
    more = make.csca("More")
    larger = warm.adding([more.certificate, old.certificate], [make.crl(more)])
    assert larger.anchors == (old.certificate, more.certificate)
    assert len(larger.crls) == 2
    assert len(larger.certificates) == 3
    assert len(warm.certificates) == 2


@pytest.mark.parametrize("change", ["add", "remove", "rewrite", "touch"])
def test_an_index_of_another_state_of_the_folder_is_not_used(folder, index, make, change):
    where, _, new = folder
    load(where, index)
    if change == "add":
        (where / "new.cer").write_bytes(new.certificate.der)
    elif change == "remove":
        (where / "list.crl").unlink()
    elif change == "rewrite":
        content = (where / "old.cer").read_bytes()
        (where / "old.cer").write_bytes(content)
    else:
        os.utime(where / "old.cer", ns=(1, 1))
    later(index)
    assert not load(where, index)[1]
    later(index)
    assert load(where, index)[1]


def test_an_index_as_young_as_a_change_is_not_used(folder, index):
    where, _, _ = folder
    load(where, index)
    os.utime(index, ns=(1, 1))
    assert not load(where, index)[1]


def test_an_index_that_more_people_may_write_is_not_used(folder, index):
    where, _, _ = folder
    load(where, index)
    later(index)
    index.chmod(0o666)
    assert not load(where, index)[1]
    later(index)
    assert stat.S_IMODE(index.stat().st_mode) == 0o644
    assert load(where, index)[1]


def test_a_damaged_index_is_made_anew(folder, index):
    where, _, _ = folder
    load(where, index)
    good = index.read_bytes()
    for bad in (b"", b"junk", good[:-1], good[:100], bytes([good[0] ^ 1]) + good[1:], good[:-40] + b"\0" + good[-39:]):
        index.write_bytes(bad)
        later(index)
        store, served = load(where, index)
        assert not served
        assert len(store.anchors) == 1
        assert index.read_bytes() == good


def test_a_pipe_in_the_place_of_the_index_holds_nobody_up(folder, index):
    where, _, _ = folder
    os.mkfifo(index)
    store, served = load(where, index)
    assert (len(store.anchors), served) == (1, False)


def test_an_index_that_cannot_be_written_is_a_problem_and_no_failure(folder, tmp_path):
    where, _, _ = folder
    store, served = load(where, tmp_path / "nowhere" / "index")
    assert not served
    assert "cannot be written" in store.problems[-1][1]


def test_an_index_may_lie_in_the_folder_itself(folder):
    where, _, _ = folder
    for name in (".index", "index.bin"):
        load(where, where / name)
        later(where / name)
        store, served = load(where, where / name)
        assert served
        assert [problem for problem, _ in store.problems if "ind" in problem] == []
        (where / name).unlink()


@pytest.fixture
def a_list(folder, make, make_signed_data, tlv_of, now):
    """A list in the folder, whose signer expires in two hours, and the root that it adds."""
    extra = ((x509.ExtendedKeyUsage([x509.ObjectIdentifier("2.23.136.1.1.3")]), True),)
    signer = make.signer(folder[1], "Lists", extra=extra, not_after=now + timedelta(hours=2))
    listed = make.csca("Listed", "FR").certificate
    content = tlv_of(0x30, b"\x02\x01\x00" + tlv_of(0x31, listed.der))
    options = {"content_type": "2.23.136.1.1.2", "bound_content_type": "2.23.136.1.1.2"}
    (folder[0] / "list.ml").write_bytes(make_signed_data(content, signer, **options))
    return signer, listed


def test_lists_are_judged_anew_when_a_signer_expired_or_others_vouch(folder, index, a_list, now):
    where, _, _ = folder
    signer, listed = a_list

    def loaded(at, **options):
        store, served = load(where, index, list_signers=ListSigners(at, **options))
        later(index)
        return store.is_anchor(listed), served

    assert loaded(now, own_roots=True) == (True, False)
    assert loaded(now, own_roots=True) == (True, True)
    assert loaded(now + timedelta(hours=1), own_roots=True) == (True, True)
    assert loaded(now + timedelta(hours=3), own_roots=True) == (False, False)
    assert loaded(now) == (False, False)
    assert loaded(now, fingerprints=[signer.certificate.fingerprint]) == (True, False)
    assert loaded(now + timedelta(hours=3), fingerprints=[signer.certificate.fingerprint]) == (True, True)


def test_an_index_that_lies_about_its_tables_is_refused_or_finds_nothing(folder, index, make):
    where, old, _ = folder
    load(where, index)
    good = index.read_bytes()
    head_length = int.from_bytes(good[16:20])
    head, rest = good[20 : 20 + head_length], good[20 + head_length : -32]

    def sealed(changed, tail=rest):
        body = good[:20] + changed.ljust(head_length)[:head_length] + tail
        return body + hashlib.sha256(body).digest()

    for changed in (b"", b"[]", b"{}", b"[" * 5000, head.replace(b'"certificates": 2', b'"certificates": 9' * 1)):
        with pytest.raises(TrustMaterialError):
            TrustIndex(sealed(changed, b""))
    hollow = TrustIndex(sealed(head, rest[: len(rest) - 100] + bytes(100)))
    assert hollow.named(old.certificate.subject) in ((), (old.certificate,))
    assert isinstance(hollow.certificates, tuple)


def test_an_index_that_another_release_wrote_is_made_anew(folder, index, monkeypatch):
    where, _, _ = folder
    with monkeypatch.context() as older:
        older.setattr("verifier.pki.trust.index_file.release_identity", lambda: "older")
        load(where, index)
        later(index)
        assert load(where, index)[1]
    assert not load(where, index)[1]
    later(index)
    assert load(where, index)[1]


def test_a_release_is_told_by_its_code_and_by_the_library_that_verifies(tmp_path, monkeypatch):
    from verifier.pki.trust import index_file

    identity = index_file.release_identity.__wrapped__
    ours = identity()
    assert identity() == ours
    with monkeypatch.context() as changed:
        changed.setattr("cryptography.__version__", "0")
        assert identity() != ours
    (tmp_path / "rules.py").write_text("1")
    monkeypatch.setattr(index_file, "__file__", str(tmp_path / "index_file.py"))
    one = identity()
    (tmp_path / "rules.py").write_text("2")
    assert len({ours, one, identity()}) == 3
    (tmp_path / "rules.py").unlink()
    assert len(identity()) == 64


@pytest.mark.parametrize(
    "altered",
    [
        {"window": [1]},
        {"window": "x"},
        {"crls": [[float("inf"), 1]]},
        {"crls": [[0]]},
        {"certificates": 10**30},
        {"certificates": -1},
        {"problems": [[1]]},
        {"remarks": {"zz": {}}},
    ],
)
def test_an_index_of_other_kinds_of_things_is_damaged(altered):
    head = {"crls": [], "problems": [], "deviation_lists": []} | {"key": "x", "window": None, "remarks": {}}
    text = json.dumps(head | {"certificates": 0, "crl_names": 0} | altered).encode()
    encoded = b"thechip trust 1\n" + len(text).to_bytes(4) + text
    with pytest.raises(TrustMaterialError):
        TrustIndex(encoded + hashlib.sha256(encoded).digest())


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "", "..", "x" * 300])
def test_an_index_by_a_name_that_no_file_has_is_a_problem_and_no_error(folder, name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    store = TrustStore.from_folder(folder[0], index=name)
    assert "cannot be written" in store.problems[-1][1]
    with pytest.raises(TrustMaterialError):
        TrustStore.from_folder("a\0b")


def test_an_index_takes_the_place_of_no_pipe_and_of_no_device(folder, index):
    os.mkfifo(index)
    store = TrustStore.from_folder(folder[0], index=index)
    assert "something else" in store.problems[-1][1]
    assert index.is_fifo()


def test_threads_that_write_the_same_index_are_not_in_each_others_way(folder, index):
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: TrustStore.from_folder(folder[0], index=index), range(32)))
    assert not any("cannot be written" in sentence for store in stores for _, sentence in store.problems)
    assert [path.name for path in index.parent.iterdir() if path.name.startswith(".")] == []

"""Unit ISO7816_G: PACE. The chip has no BAC, so that what PACE comes to is what the inspection comes to."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from conformance_suites.tr03105.case import FAILURE, SUCCESS, Case, Seen
from conformance_suites.tr03105.files import resigned
from conformance_suites.tr03105.security_infos import CAM, with_card_security
from conformance_suites.tr03105.world import PACE, World, with_files
from conformance_suites.tr03105.writing import edited, members, put, with_length
from verifier.access.proofs import AccessProtocol
from verifier.iso7816 import tlv
from verifier.reading.options import ReadingOptions
from verifier.sdk.testing import CURVES, GROUPS, ChipOptions, CipherSuite, PaceMapping, PaceParameters
from verifier.sdk.testing.arithmetic.groups import Group
from verifier.sdk.testing.card_side.pace import PaceResponder
from verifier.sdk.testing.card_side.refusal import Refusal
from verifier.sdk.testing.faults import pace_by
from verifier.sdk.testing.writing.der_writing import integer, object_identifier, sequence, set_of

Answer = Callable[[PaceResponder, bytes], bytes]
"""Given the chip's side and its right answer (DO'7C'); returns the one that is sent, or raises ``Refusal``."""
_NOT_CARRIED = ("brainpoolP192r1", "brainpoolP224r1", "brainpoolP320r1")
_BY_NAME = (
    "`cryptography` does not carry the curves of the parameter sets 9, 11 and 14, and no secret meets other "
    "arithmetic: they are refused by name"
)
_GENERIC, _INTEGRATED, _CHIP = PaceMapping.GENERIC, PaceMapping.INTEGRATED, PaceMapping.CHIP_AUTHENTICATION
_DH = replace(PACE, pace_curve="MODP-2048-256", pace_cipher=CipherSuite.AES_128)
_IM = replace(PACE, pace_mapping=_INTEGRATED, pace_cipher=CipherSuite.AES_128)
_ERRORS = (0x6300, 0x6A80, 0x6F00)


def pace_cases() -> Iterator[Case]:
    """Yield the unit."""
    yield Case("ISO7816_G_01", "a right execution", SUCCESS, _plain)
    for number, mapping in ((2, _GENERIC), (3, _INTEGRATED), (41, _CHIP)):
        carried = [group for group in _groups(mapping) if group.name not in _NOT_CARRIED]
        others = [group for group in _groups(mapping) if group.name in _NOT_CARRIED]
        about = f"{mapping} mapping over the parameter sets "
        yield Case(f"ISO7816_G_{number:02}", about + _sets(carried), SUCCESS, partial(_over, mapping, carried))
        yield Case(
            f"ISO7816_G_{number:02}",
            about + _sets(others),
            SUCCESS,
            partial(_by_name, mapping, others),
            deviating=_BY_NAME,
        )
    yield Case("ISO7816_G_04", "every cipher, over curves and residues", SUCCESS, _ciphers)
    yield Case("ISO7816_G_05", "other entries among the SecurityInfos", SUCCESS, _other_entries)
    yield Case("ISO7816_G_06", "several offers, of which one must be named", SUCCESS, _several)
    yield Case("ISO7816_G_07", "two PACEInfos and proprietary domain parameters", SUCCESS, _proprietary)
    yield Case("ISO7816_G_08", "an error to MSE:Set AT", FAILURE, _refused_choice)
    yield from _broken_runs()
    yield Case("ISO7816_G_27", "EF.CardAccess with a wrong length", FAILURE, _card_access_cut)
    yield Case("ISO7816_G_28", "a parameter set that does not exist", FAILURE, _no_such_set)
    yield from _chip_mapping_cases()


def _groups(mapping: PaceMapping) -> list[Group]:
    found = []
    for group in sorted(GROUPS.values(), key=lambda group: group.parameter_id):
        if mapping is _CHIP and group.agreement == "DH":
            continue
        if mapping is _INTEGRATED and group.agreement == "ECDH" and group.p % 4 != 3:
            continue  # such a combination does not exist (ICAO 9303-11, table 12)
        if group.parameter_id < 32:
            found.append(group)
    return found


def _sets(groups: Iterable[Group]) -> str:
    return ", ".join(str(group.parameter_id) for group in groups)


def _plain(world: World) -> Seen:
    return world.inspect(world.chip(world.data(PACE)))


def _all(world: World, options: Iterable[ChipOptions]) -> Seen:
    """Inspect a card of each kind; return the first that ends otherwise than the one before it."""
    seen = [world.inspect(world.chip(world.data(each))) for each in options]
    return next((one for one in seen if one.result == FAILURE), seen[0])


def _over(mapping: PaceMapping, groups: list[Group], world: World) -> Seen:
    cipher = CipherSuite.AES_128
    return _all(world, [replace(PACE, pace_curve=g.name, pace_mapping=mapping, pace_cipher=cipher) for g in groups])


def _by_name(mapping: PaceMapping, groups: list[Group], world: World) -> Seen:
    """Inspect a card of each set by PACE alone; return one that could be read, if any."""
    only, seen = ReadingOptions(access=(AccessProtocol.PACE,)), []
    for group in groups:
        options = replace(PACE, pace_curve=group.name, pace_mapping=mapping, pace_cipher=CipherSuite.AES_128)
        seen.append(world.inspect(world.chip(world.data(options)), options=only))
    return next((one for one in seen if one.result == SUCCESS), seen[0])


def _ciphers(world: World) -> Seen:
    kinds = [replace(base, pace_cipher=cipher) for base in (PACE, _DH, _IM) for cipher in CipherSuite]
    kinds += [replace(CAM, pace_cipher=cipher) for cipher in CipherSuite if cipher is not CipherSuite.TRIPLE_DES]
    return _all(world, kinds)


def _other_entries(world: World) -> Seen:
    data = world.data(PACE)
    other = sequence(object_identifier("1.3.6.1.4.1.55738.666.1"), integer(1), integer(2))
    entries = [*members(data.files["EF.CardAccess"]), other]
    return world.inspect(world.chip(with_files(data, **{"EF.CardAccess": set_of(entries)})))


def _several(world: World) -> Seen:
    more = (
        PaceParameters(CURVES["P-256"], CipherSuite.AES_128),
        PaceParameters(CURVES["brainpoolP384r1"], CipherSuite.AES_256, mapping=_INTEGRATED),
    )
    return world.inspect(world.chip(world.data(replace(PACE, more_pace=more))))


def _proprietary(world: World) -> Seen:
    own = replace(CURVES["brainpoolP256r1"], name="a curve of the issuer's own", parameter_id=40)
    return world.inspect(world.chip(world.data(replace(PACE, more_pace=(PaceParameters(own, CipherSuite.AES_128),)))))


def _refused_choice(world: World) -> Seen:
    """The chip does not know its own offer."""
    data = world.data(PACE)
    return world.inspect(world.chip(replace(data, pace=())))


def _card_access_cut(world: World) -> Seen:
    data = world.data(PACE)
    cut = with_length(data.files["EF.CardAccess"], -1)
    return world.inspect(world.chip(with_files(data, **{"EF.CardAccess": cut})))


def _no_such_set(world: World) -> Seen:
    data = world.data(PACE)
    wrong = edited(data.files["EF.CardAccess"], (0, 2), put(integer(31)))
    return world.inspect(world.chip(with_files(data, **{"EF.CardAccess": wrong})))


# --- a step of the run goes wrong -----------------------------------------------------------------------------------


def run(options: ChipOptions, step: int, answers: Iterable[Answer], world: World) -> Seen:
    """Inspect a card for each answer that is sent in place of the right one at a step, counted from 1."""
    data, seen = world.data(options), []
    for answer in answers:
        seen.append(world.inspect(world.chip(data, [pace_by(_responder(step, answer))])))
    return next((one for one in seen if one.result == SUCCESS), seen[0])


def _responder(step: int, answer: Answer) -> type[PaceResponder]:
    class Responder(PaceResponder):
        """Answers one step in another way."""

        def respond(self, data: bytes) -> bytes:
            is_meant = self._next_step == step - 1
            right = super().respond(data)
            return answer(self, right) if is_meant else right

    return Responder


def refusing(status: int) -> Answer:
    """Answer with a status word only."""

    def answer(_run: PaceResponder, _right: bytes) -> bytes:
        raise Refusal(status)

    return answer


def _tagged(tag: int) -> Answer:
    """Put another tag on the first data object."""

    def answer(_run: PaceResponder, right: bytes) -> bytes:
        return edited(right, (0,), lambda element: tlv.encode(tag, tlv.decode_one(element).value))

    return answer


def _holding(value: bytes | Callable[[bytes], bytes]) -> Answer:
    """Put another value into the first data object."""

    def answer(_run: PaceResponder, right: bytes) -> bytes:
        def change(element: bytes) -> bytes:
            old = tlv.decode_one(element)
            return tlv.encode(old.tag, value if isinstance(value, bytes) else value(old.value))

        return edited(right, (0,), change)

    return answer


def _broken_points() -> list[Answer]:
    """Points that are none of the curve: x, y, both, the neutral element, too short."""
    return [
        _holding(lambda point: point[:32] + bytes([point[32] ^ 1]) + point[33:]),
        _holding(lambda point: point[:-1] + bytes([point[-1] ^ 1])),
        _holding(lambda point: b"\x04" + bytes(len(point) - 1)),
        _holding(lambda point: b"\x04" + b"\xff" * (len(point) - 1)),
        _holding(b"\x00"),
        _holding(lambda point: point[:-1]),
    ]


def _broken_residues() -> list[Answer]:
    """Numbers outside the subgroup: 0, 1, p − 1, p, and a quadratic non-residue's worth."""
    p = GROUPS["MODP-2048-256"].p
    return [_holding(number.to_bytes(256)) for number in (0, 1, p - 1, p, 2)]


def _broken_runs() -> Iterator[Case]:
    flip = _holding(lambda value: value[:-1] + bytes([value[-1] ^ 1]))
    refusals, garbage = [refusing(status) for status in _ERRORS], [_holding(b"\xc0\xff\xee"), _holding(b"")]

    def reflected(chip: PaceResponder, right: bytes) -> bytes:
        return _holding(chip.curve.encode(chip._peer_public))(chip, right)  # noqa: SLF001 - an attacker asks nobody

    runs: tuple[tuple[int, str, ChipOptions, int, list[Answer]], ...] = (
        (9, "another nonce than the one that the chip maps", PACE, 1, [flip]),
        (10, "errors at step 1", PACE, 1, refusals),
        (11, "tag 90 instead of 80", PACE, 1, [_tagged(0x90)]),
        (12, "errors at step 2", PACE, 2, refusals),
        (13, "tag 92 instead of 82", PACE, 2, [_tagged(0x92)]),
        (14, "no mapping data that could be used, generic mapping", PACE, 2, garbage),
        (15, "errors at step 2, integrated mapping", _IM, 2, refusals),
        (16, "mapping data that is no point of the curve", PACE, 2, _broken_points()),
        (17, "mapping data outside the subgroup", _DH, 2, _broken_residues()),
        (18, "errors at step 3", PACE, 3, refusals),
        (19, "tag 94 instead of 84", PACE, 3, [_tagged(0x94)]),
        (20, "no ephemeral key that could be used", PACE, 3, garbage),
        (21, "an ephemeral key that is no point of the curve", PACE, 3, _broken_points()),
        (22, "an ephemeral key outside the subgroup", _DH, 3, _broken_residues()),
        (23, "the reader's own ephemeral key", PACE, 3, [reflected]),
        (24, "errors at step 4", PACE, 4, refusals),
        (25, "tag 96 instead of 86", PACE, 4, [_tagged(0x96)]),
        (26, "a wrong authentication token", PACE, 4, [flip, *garbage]),
    )
    for number, about, options, step, answers in runs:
        yield Case(f"ISO7816_G_{number:02}", about, FAILURE, partial(run, options, step, answers))


# --- chip authentication mapping ------------------------------------------------------------------------------------


def _proof(change: Callable[[bytes], bytes]) -> Answer:
    """Change the second data object of step 4: the encrypted Chip Authentication Data."""
    return lambda _run, right: edited(right, (1,), change)


def _chip_mapping_cases() -> Iterator[Case]:
    def value(element: bytes) -> bytes:
        return tlv.decode_one(element).value

    spoilt: tuple[tuple[int, str, Callable[[bytes], bytes]], ...] = (
        (29, "the proof without its tag 8A", value),
        (30, "a proof that is not encoded as an octet string", lambda old: tlv.encode(0x8A, value(old)[:-1])),
        (31, "a wrong proof", lambda old: old[:-20] + bytes([old[-20] ^ 1]) + old[-19:]),
        (32, "the proof under tag 8B", lambda old: tlv.encode(0x8B, value(old))),
        (33, "tag 8A with nothing in it", lambda _old: b"\x8a\x00"),
    )
    for number, about, change in spoilt:
        yield Case(f"ISO7816_G_{number}", about, FAILURE, partial(run_advanced, CAM, [_proof(change)]))
    yield Case(
        "ISO7816_G_34", "the mapping proves the chip, and the data is authentic", SUCCESS, partial(_advanced, CAM)
    )
    more = [
        lambda _run, right: edited(right, (), lambda whole: tlv.encode(0x7C, value(whole) + b"\x8a\x10" + bytes(16)))
    ]
    yield Case("ISO7816_G_35", "a proof in generic mapping, where none belongs", None, partial(run, PACE, 4, more))
    yield Case("ISO7816_G_36", "beside a right offer, one of a kind that does not exist", SUCCESS, _no_such_mapping)
    yield Case("ISO7816_G_38", "DG14 that says nothing of PACE", None, _silent_dg14)
    yield Case("ISO7816_G_39", "another key in EF.CardSecurity", FAILURE, partial(_with_keys, _other_key))
    yield Case("ISO7816_G_40", "no key in EF.CardSecurity", FAILURE, partial(_with_keys, _no_key))


def run_advanced(options: ChipOptions, answers: Iterable[Answer], world: World) -> Seen:
    """Inspect a card whose last answer in PACE is spoilt, and whose chip must be proved."""
    data, answer = world.data(options), next(iter(answers))
    return world.inspect(world.chip(data, [pace_by(_responder(4, answer))]), world.advanced)


def _advanced(options: ChipOptions, world: World) -> Seen:
    return world.inspect(world.chip(world.data(options)), world.advanced)


def _no_such_mapping(world: World) -> Seen:
    """id-PACE-DH-CAM-AES-CBC-CMAC-128, beside generic mapping; DG14 repeats both."""
    other = sequence(object_identifier("0.4.0.127.0.7.2.2.4.5.2"), integer(2), integer(2))
    data = world.data(PACE)
    entries = set_of([*members(data.files["EF.CardAccess"]), other])
    spoilt = resigned(world, "DG14", tlv.encode(0x6E, entries), data)
    return world.inspect(world.chip(with_files(spoilt, **{"EF.CardAccess": entries})))


def _silent_dg14(world: World) -> Seen:
    data = world.data(CAM)
    return world.inspect(world.chip(resigned(world, "DG14", tlv.encode(0x6E, set_of([])), data)), world.advanced)


def _with_keys(change: Callable[[list[bytes]], list[bytes]], world: World) -> Seen:
    return world.inspect(world.chip(with_card_security(world, change)), world.advanced)


def _is_key(entry: bytes) -> bool:
    return members(entry)[0] == object_identifier("0.4.0.127.0.7.2.2.1.2")


def _no_key(infos: list[bytes]) -> list[bytes]:
    return [entry for entry in infos if not _is_key(entry)]


def _other_key(infos: list[bytes]) -> list[bytes]:
    curve = CURVES["brainpoolP256r1"]
    point = curve.encode(curve.multiply(4711, curve.generator))
    other = put(tlv.encode(0x03, b"\x00" + point))
    return [edited(entry, (1, 1), other) if _is_key(entry) else entry for entry in infos]

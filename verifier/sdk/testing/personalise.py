"""personalise(): from a holder and a document signer to a chip that speaks."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec

from verifier.sdk.testing.arithmetic.curves import CURVES, Random, draw_scalar
from verifier.sdk.testing.arithmetic.dh_groups import GROUPS
from verifier.sdk.testing.card_side.active_authentication import ActiveAuthenticationSigner, EcdsaSigner, RsaSigner
from verifier.sdk.testing.card_side.chip_authentication import ChipAuthenticationKey
from verifier.sdk.testing.card_side.pace import PaceParameters
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.chip_options import DEFAULT_CAN, ActiveAuthenticationKind, ChipOptions
from verifier.sdk.testing.faults import Fault
from verifier.sdk.testing.people import Person
from verifier.sdk.testing.pki import DocumentSigner
from verifier.sdk.testing.writing.data_groups import (
    write_atr_info,
    write_card_access,
    write_com,
    write_dg1,
    write_dg14,
    write_dg15,
)
from verifier.sdk.testing.writing.mrz import write_mrz, write_mrz_information
from verifier.sdk.testing.writing.optional_groups import write_locked_group, write_optional_group
from verifier.sdk.testing.writing.public_keys import KeyForm
from verifier.sdk.testing.writing.security_infos import (
    active_authentication_info,
    chip_authentication_infos,
    pace_infos,
    terminal_authentication_info,
    write_security_infos,
)
from verifier.sdk.testing.writing.security_object import (
    write_card_security,
    write_lds_security_object,
    write_security_object,
)
from verifier.sdk.testing.writing.signing import CRYPTOGRAPHY_CURVES, shared_rsa_key

__all__ = ["DEFAULT_CAN", "ActiveAuthenticationKind", "ChipOptions", "personalise", "write_chip_data"]


def personalise(
    signer: DocumentSigner,
    holder: Person,
    *,
    options: ChipOptions | None = None,
    faults: Sequence[Fault] = (),
    random: Random = secrets.token_bytes,
) -> VirtualChip:
    """Make a chip for ``holder``, signed by ``signer``. With a seeded ``random`` keys and sessions repeat.

    ``faults`` make it misbehave, one after another; there are some in ``verifier.sdk.testing.faults``.

    >>> from datetime import UTC, datetime
    >>> from verifier.sdk.testing import SyntheticPki, invented_person, personalise
    >>> pki = SyntheticPki(at=datetime(2026, 1, 1, tzinfo=UTC))
    >>> personalise(pki.issue_document_signer(), invented_person(1))
    VirtualChip(DG1, DG14, EF.COM, EF.CardAccess, EF.SOD)
    """
    return VirtualChip(write_chip_data(signer, holder, options=options, random=random), random=random, faults=faults)


def write_chip_data(
    signer: DocumentSigner,
    holder: Person,
    *,
    options: ChipOptions | None = None,
    random: Random = secrets.token_bytes,
) -> ChipData:
    """Return what ``personalise`` writes into the chip, for those who want to alter it first.

    Raises ``InvalidInput`` for options that no card can have together.
    """
    options = options or ChipOptions()
    ca_keys = _chip_authentication_keys(options, random)
    aa_signer = _active_authentication_signer(options, random)
    pace, mapping_keys = _pace_offers(options, ca_keys, random)
    groups = _data_groups(options, holder, tuple(_dg14_infos(options, pace, ca_keys, aa_signer)), aa_signer)
    content = write_lds_security_object(groups, hash_name=options.hash_name, version=options.lds_version)
    files = (
        {name: file for name, file in options.more_files if not name.startswith("DG")}
        | {f"DG{number}": group for number, group in sorted(groups.items())}
        | {
            "EF.COM": write_com(groups),
            "EF.SOD": write_security_object(content, signer.key, signer.certificate),
        }
    )
    if pace:
        files["EF.CardAccess"] = write_card_access(pace)
    if options.card_security or mapping_keys:
        infos = _card_security_infos(options, pace, mapping_keys, ca_keys if options.card_security else ())
        files["EF.CardSecurity"] = write_card_security(infos, signer.key, signer.certificate)
    if options.atr_info:
        files["EF.ATR/INFO"] = write_atr_info(
            extended_length=options.behaviour.extended_length,
            short_identifiers=options.behaviour.short_identifiers,
            command_chaining=options.behaviour.command_chaining,
        )
    return ChipData(
        files=files,
        mrz=write_mrz(holder, options.document_type),
        mrz_information=write_mrz_information(holder),
        can=options.can,
        pin=options.pin,
        puk=options.puk,
        pace=pace,
        bac=options.bac,
        chip_authentication=ca_keys,
        active_authentication=aa_signer,
        locked=_locked(options),
        behaviour=options.behaviour,
    )


def _data_groups(
    options: ChipOptions, holder: Person, infos: Sequence[bytes], signer: ActiveAuthenticationSigner | None
) -> dict[int, bytes]:
    groups = {int(name[2:]): content for name, content in options.more_files if name.startswith("DG")}
    groups |= {number: write_optional_group(number, holder) for number in options.data_groups}
    groups[1] = write_dg1(write_mrz(holder, options.document_type))
    if options.terminal_authentication:
        groups |= {number: write_locked_group(number) for number in options.locked_groups}
    if infos:
        groups[14] = write_dg14(infos)
    if signer:
        groups[15] = write_dg15(signer.public_key_der)
    return groups


def _locked(options: ChipOptions) -> frozenset[str]:
    return frozenset(f"DG{number}" for number in options.locked_groups if options.terminal_authentication)


def _dg14_infos(
    options: ChipOptions,
    pace: Sequence[PaceParameters],
    keys: Sequence[ChipAuthenticationKey],
    signer: ActiveAuthenticationSigner | None,
) -> Iterator[bytes]:
    form = KeyForm.EXPLICIT if options.explicit_parameters else options.key_form
    yield from chip_authentication_infos(keys, form, announced=options.chip_authentication_announced)
    yield from pace_infos(pace)
    if options.active_authentication_announced:
        yield from active_authentication_info(signer)
    if options.terminal_authentication:
        yield terminal_authentication_info()


def _card_security_infos(
    options: ChipOptions,
    pace: Sequence[PaceParameters],
    mapping_keys: Sequence[ChipAuthenticationKey],
    ca_keys: Sequence[ChipAuthenticationKey],
) -> bytes:
    """Keys for chip authentication mapping stand alone; those for Chip Authentication with their protocol."""
    form = options.card_security_key_form
    keys = chip_authentication_infos(mapping_keys, form, announced=False)
    return write_security_infos(chain(pace_infos(pace), keys, chip_authentication_infos(ca_keys, form)))


def _pace_offers(
    options: ChipOptions, ca_keys: Sequence[ChipAuthenticationKey], random: Random
) -> tuple[tuple[PaceParameters, ...], tuple[ChipAuthenticationKey, ...]]:
    """Return the offers, and the static keys that chip authentication mapping proves: where it fits, that of DG14."""
    offers = list(options.more_pace)
    if options.pace_curve:
        first = PaceParameters(GROUPS[options.pace_curve], options.pace_cipher, mapping=options.pace_mapping)
        offers.insert(0, first)
    mapping_keys: dict[int, ChipAuthenticationKey] = {}
    for place, offer in enumerate(offers):
        if offer.mapping is not PaceMapping.CHIP_AUTHENTICATION:
            continue
        number = offer.curve.parameter_id
        if number not in mapping_keys:
            fitting = [key.scalar for key in ca_keys if key.curve.name == offer.curve.name]
            scalar = offer.static_scalar or (fitting[0] if fitting else draw_scalar(offer.curve, random))
            mapping_keys[number] = ChipAuthenticationKey(offer.curve, scalar, offer.suite, number)
        offers[place] = replace(offer, static_scalar=mapping_keys[number].scalar)
    return tuple(offers), tuple(mapping_keys.values())


def _chip_authentication_keys(options: ChipOptions, random: Random) -> tuple[ChipAuthenticationKey, ...]:
    if options.chip_authentication_curve is None:
        return options.more_chip_authentication
    group = GROUPS[options.chip_authentication_curve]
    cipher, key_id = options.chip_authentication_cipher, options.chip_authentication_key_id
    first = ChipAuthenticationKey(group, draw_scalar(group, random), cipher, key_id)
    return first, *options.more_chip_authentication


def _active_authentication_signer(options: ChipOptions, random: Random) -> ActiveAuthenticationSigner | None:
    kind = options.active_authentication
    return _ACTIVE_AUTHENTICATION[kind](options, random) if kind else None


def _rsa_signer(options: ChipOptions, _random: Random) -> ActiveAuthenticationSigner:
    return RsaSigner(
        shared_rsa_key("active authentication", options.active_authentication_rsa_bits),
        options.active_authentication_hash,
        options.active_authentication_smaller_root,
        options.active_authentication_explicit_trailer,
        options.active_authentication_message_length,
    )


def _ecdsa_signer(options: ChipOptions, random: Random) -> ActiveAuthenticationSigner:
    name = options.active_authentication_curve
    private = ec.derive_private_key(draw_scalar(CURVES[name], random), CRYPTOGRAPHY_CURVES[name])
    return EcdsaSigner(private, options.active_authentication_hash, options.active_authentication_der)


_SignerMaker: TypeAlias = Callable[[ChipOptions, Random], ActiveAuthenticationSigner]
_ACTIVE_AUTHENTICATION: dict[ActiveAuthenticationKind, _SignerMaker] = {
    ActiveAuthenticationKind.RSA: _rsa_signer,
    ActiveAuthenticationKind.ECDSA: _ecdsa_signer,
}

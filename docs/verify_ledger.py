"""Verify an exported attendance ledger with nothing but this file, the export, and the appliance's public key.

    python3 verify_ledger.py FILE --key HEX [--checkpoint "THECHIP1:…"|FILE|-]

Needs Python 3.11 or newer; with the package `cryptography` it is a hundred times faster. What no check can prove is
told in docs/ledger.md. Ends with 0: as it was recorded, 1: not, 2: file or arguments unreadable, 3: there is no entry.
"""

import argparse
import hashlib
import json
import sys
from base64 import b32decode, b32encode
from contextlib import suppress
from unicodedata import is_normalized

# --- Ed25519 (RFC 8032, 5.1.7): FOR VERIFICATION ONLY. It takes no care of secrets, because there are none here. ------
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    """Add two points of the curve, in extended coordinates (X : Y : Z : T)."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return (f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P


def times(number, point):
    """Multiply a point by a number."""
    result = (0, 1, 1, 0)
    while number:
        result = add(result, point) if number & 1 else result
        point, number = add(point, point), number >> 1
    return result


def point_of(encoded):
    """Read a point of 32 bytes; None where there is no such point."""
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != x2 or (x == 0 and encoded[31] >> 7):
        return None
    x = P - x if x & 1 != encoded[31] >> 7 else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signed(key, signature, message):
    """Tell whether the holder of the private half of this key signed this message."""
    key_and_nonce = (key, signature[:32]) if len(key) == 32 and len(signature) == 64 else ()
    points, s = [point_of(encoded) for encoded in key_and_nonce], int.from_bytes(signature[32:], "little")
    if not points or None in points or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, BASE), add(points[1], times(k, points[0]))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


with suppress(ImportError):
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    def is_signed(key, signature, message):
        """Tell the same, by the package `cryptography`."""
        with suppress(InvalidSignature, ValueError):
            return Ed25519PublicKey.from_public_bytes(key).verify(signature, message) is None
        return False


# --- the file ---------------------------------------------------------------------------------------------------------
SIGNED = ("at", "commitment", "kind", "meeting_id", "previous_hash", "refers_to", "sequence")
PUBLIC, BODY = {*SIGNED, "entry_hash", "signature"}, (set(), {"body", "salt"})


class Finding(Exception):
    """What is wrong: a reason code, the number of the entry, and a sentence."""


def canonical(value):
    """Write a value in the one way in which it was hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_lines(path):
    """Yield the lines as tables; each must be written in the one way, so that what is read is what was hashed."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            table = None
            with suppress(ValueError, RecursionError):
                read = json.loads(line)
                table = read if canonical(read) + b"\n" == line and is_normalized("NFC", line.decode()) else None
            if not isinstance(table, dict):
                raise Finding("not-canonical", None, f"line {number} of the file was not written by an appliance")
            yield table


def read_hex(digits):
    """Read bytes; they too are written in one way only, in small letters and without spaces."""
    if bytes.fromhex(digits).hex() != digits:
        raise Finding("not-canonical", None, "a signature or salt is not written as an appliance writes it")
    return bytes.fromhex(digits)


def check_entry(entry, expected, previous, key):
    """Check number, hash, signature and place of one entry, and return its hash."""
    if entry.get("sequence") != expected:
        raise Finding("removed", expected, f"entry {expected} is not there; the numbers must follow each other")
    signed = b"thechip ledger entry 1\n" + canonical({name: entry.get(name) for name in SIGNED})
    if hashlib.sha256(signed).hexdigest() != entry.get("entry_hash") or set(entry) ^ PUBLIC not in BODY:
        raise Finding("altered", expected, f"entry {expected} was altered: its hash is another one")
    if not is_signed(key, read_hex(entry["signature"]), signed):
        raise Finding("not-signed", expected, f"entry {expected} was not signed by this appliance")
    if entry["previous_hash"] != previous:
        raise Finding("out-of-order", expected, f"entry {expected} does not follow the entry before it")
    return entry["entry_hash"]


def check_body(entry):
    """Check that the body is the one that the entry committed to; return the numbers that an erasure names."""
    salt, number = read_hex(entry["salt"]), entry["sequence"]
    if len(salt) != 32 or hashlib.sha256(salt + canonical(entry["body"])).hexdigest() != entry["commitment"]:
        raise Finding("body-altered", number, f"the body of entry {number} is not what was recorded")
    return entry["body"]["erased"] if entry["kind"] == "erasure" else []


def check_end(count, last, head, key):
    """Check that the signed end of the ledger is there, and is the end of the file."""
    if not count and not head:
        raise Finding("no-entries", None, "the file has no entry: nothing was recorded yet, or everything was cut off")
    if not is_signed(key, read_hex(head.pop("signature", "")), b"thechip ledger head 1\n" + canonical(head)):
        raise Finding("head-damaged", None, "the end of the ledger is not signed: entries may have been cut off")
    if (head["sequence"], head["entry_hash"]) != (count, last):
        raise Finding("truncated", count + 1, f"the signed end is entry {head['sequence']}, and the file has {count}")


def verify(path, key, checkpoint=(0, "")):
    """Check everything; return what there is, in words."""
    header, *tables = list(read_lines(path)) or [{"signature": ""}]
    if not is_signed(key, read_hex(header.pop("signature")), b"thechip ledger export 1\n" + canonical(header)):
        raise Finding("wrong-key", None, "the first line says: no ledger, or not of the appliance with this key")
    meeting, count, last, missing, erased = header["meeting"], 0, "00" * 32, [], set()
    head = tables.pop()["head"] if tables and set(tables[-1]) == {"head"} else {}
    for count, table in enumerate(tables, start=1):
        last = check_entry(table, count, last, key)
        if checkpoint[0] == count and checkpoint[1] != last:
            raise Finding("not-as-printed", count, f"entry {count} is another one than when the minutes were printed")
        if "body" in table:
            erased.update(check_body(table))
        elif meeting is None or table["meeting_id"] == meeting["id"]:
            missing.append(count)
    check_end(count, last, head, key)
    if number := min(set(missing) - erased, default=0):
        raise Finding("body-missing", number, f"the body of entry {number} is gone, and no erasure is on record")
    if checkpoint[0] > count:
        raise Finding("not-as-printed", count + 1, f"entry {checkpoint[0]} of the printed minutes is not there")
    whose = f"the bodies of meeting {meeting['id']} ({meeting['uid']})" if meeting else "all bodies"
    return f"{count} entries, chained and signed; {whose}, but for {len(missing)} that were erased on record"


def read_checkpoint(line, key):
    """Read the line from the minutes: number and hash of the entry that closed the meeting."""
    letters = "".join(line.upper().split()).replace("-", "")
    encoded = letters.removeprefix("THECHIP1:")
    content = b""
    with suppress(ValueError):
        content = b32decode(encoded + "=" * (-len(encoded) % 8))
    whole = len(content) == 168 and b32encode(content).decode().rstrip("=") == encoded != letters
    if not whole or not is_signed(key, content[104:], b"thechip ledger paper 1\n" + content[:104]):
        raise Finding("checkpoint-refused", None, "the checkpoint is not this appliance's, or a letter of it is wrong")
    return int.from_bytes(content[24:32], "big"), content[32:64].hex()


def key_of(digits):
    """Read the public key from an argument."""
    with suppress(ValueError):
        if len(key := bytes.fromhex(digits)) == 32:
            return key
    raise argparse.ArgumentTypeError("a key has 64 hexadecimal digits, as ledger key prints it")


def text_of(checkpoint):
    """Return the line of a checkpoint, which an argument is, or names the file of."""
    if "".join(checkpoint.split()).upper().startswith("THECHIP1"):
        return checkpoint
    with sys.stdin.buffer if checkpoint == "-" else open(checkpoint, "rb") as file:
        return file.read(4096).decode("ascii", "replace")


def main():
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--key", required=True, type=key_of, help="64 hexadecimal digits")
    parser.add_argument("--checkpoint", help="the line from the minutes, or a file that has it; -: standard input")
    options = parser.parse_args()
    try:
        checkpoint = read_checkpoint(text_of(options.checkpoint), options.key) if options.checkpoint else (0, "")
        result = verify(options.file, options.key, checkpoint)
    except Finding as found:
        print(f"NOT AS IT WAS RECORDED [{found.args[0]}]: {found.args[2]}")
        return 3 if found.args[0] == "no-entries" else 1
    except OSError as error:
        print(f"{error.filename} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        print(f"the file cannot be read as a ledger: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    print(f"as it was recorded: {result}" + "; as printed on the minutes" * bool(options.checkpoint))
    return 0


if __name__ == "__main__":
    sys.exit(main())

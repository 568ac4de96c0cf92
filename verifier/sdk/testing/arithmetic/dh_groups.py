"""Diffie-Hellman in residue fields for the card's side (RFC 5114), and every standardised group by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from verifier.errors import MalformedData
from verifier.sdk.testing.arithmetic.curves import ALL_CURVES
from verifier.sdk.testing.arithmetic.groups import Group, Point


@dataclass(frozen=True)
class DhGroup:
    """The subgroup of prime order ``n`` modulo ``p`` that ``generator`` generates; ``n`` is q in RFC 5114."""

    name: str
    parameter_id: int
    p: int
    generator: Point
    n: int

    agreement = "DH"
    public_key_tag = 0x84

    @property
    def field_length(self) -> int:
        """Bytes of a shared secret: 128 or 256."""
        return (self.p.bit_length() + 7) // 8

    @property
    def order_length(self) -> int:
        """Bytes of a private key: 20, 28 or 32."""
        return (self.n.bit_length() + 7) // 8

    def add(self, first: Point, second: Point) -> Point:
        """Return the product; raise ``MalformedData`` where it is 1."""
        return self._proper(first.x * second.x % self.p)

    def multiply(self, scalar: int, point: Point) -> Point:
        """Return the element to the power of the scalar; raise ``MalformedData`` where it is 1."""
        return self._proper(pow(point.x, scalar, self.p))

    def map_number(self, number: int) -> Point:
        """Return the number to the power of the cofactor (ICAO 9303-11, 4.4.3.3.2)."""
        return self._proper(pow(number, (self.p - 1) // self.n, self.p))

    def encode_x(self, point: Point) -> bytes:
        """Return the element in the prime's length: a shared secret keeps its leading zero bytes (PKCS #3, 8.3)."""
        return point.x.to_bytes(self.field_length)

    def encode(self, point: Point) -> bytes:
        """Return the element in as few bytes as it needs: an unsigned integer (ICAO 9303-11, 9.4.1 and 9.4.3)."""
        return point.x.to_bytes((point.x.bit_length() + 7) // 8)

    def decode(self, encoded: bytes) -> Point:
        """Decode a public key; raise ``MalformedData`` where it is not in the subgroup (RFC 2631, 2.1.5).

        Leading zero bytes up to the prime's length are taken, although an unsigned integer has none.
        """
        number = int.from_bytes(encoded)
        if len(encoded) > self.field_length or not 1 < number < self.p - 1 or pow(number, self.n, self.p) != 1:
            msg = "the public key is not in the subgroup"
            raise MalformedData(msg)
        return Point(number)

    def _proper(self, number: int) -> Point:
        if number in {0, 1}:
            msg = "the neutral element"
            raise MalformedData(msg)
        return Point(number)


# p, g and q as published in RFC 5114, 2.1 to 2.3
_DOMAIN_PARAMETERS = """
MODP-1024-160 0
b10b8f96a080e01dde92de5eae5d54ec52c99fbcfb06a3c69a6a9dca52d23b616073e28675a23d189838ef1e2ee652c013ecb4aea9061123
24975c3cd49b83bfaccbdd7d90c4bd7098488e9c219a73724effd6fae5644738faa31a4ff55bccc0a151af5f0dc8b4bd45bf37df365c1a65
e68cfda76d4da708df1fb2bc2e4a4371
/
a4d1cbd5c3fd34126765a442efb99905f8104dd258ac507fd6406cff14266d31266fea1e5c41564b777e690f5504f213160217b4b01b886a
5e91547f9e2749f4d7fbd7d3b9a92ee1909d0d2263f80a76a6a24c087a091f531dbf0a0169b6a28ad662a4d18e73afa32d779d5918d08bc8
858f4dcef97c2a24855e6eeb22b3b2e5
/
f518aa8781a8df278aba4e7d64b7cb9d49462353
MODP-2048-224 1
ad107e1e9123a9d0d660faa79559c51fa20d64e5683b9fd1b54b1597b61d0a75e6fa141df95a56dbaf9a3c407ba1df15eb3d688a309c180e
1de6b85a1274a0a66d3f8152ad6ac2129037c9edefda4df8d91e8fef55b7394b7ad5b7d0b6c12207c9f98d11ed34dbf6c6ba0b2c8bbc27be
6a00e0a0b9c49708b3bf8a317091883681286130bc8985db1602e714415d9330278273c7de31efdc7310f7121fd5a07415987d9adc0a486d
cdf93acc44328387315d75e198c641a480cd86a1b9e587e8be60e69cc928b2b9c52172e413042e9b23f10b0e16e79763c9b53dcf4ba80a29
e3fb73c16b8e75b97ef363e2ffa31f71cf9de5384e71b81c0ac4dffe0c10e64f
/
ac4032ef4f2d9ae39df30b5c8ffdac506cdebe7b89998caf74866a08cfe4ffe3a6824a4e10b9a6f0dd921f01a70c4afaab739d7700c29f52
c57db17c620a8652be5e9001a8d66ad7c17669101999024af4d027275ac1348bb8a762d0521bc98ae247150422ea1ed409939d54da7460cd
b5f6c6b250717cbef180eb34118e98d119529a45d6f834566e3025e316a330efbb77a86f0c1ab15b051ae3d428c8f8acb70a8137150b8eeb
10e183edd19963ddd9e263e4770589ef6aa21e7f5f2ff381b539cce3409d13cd566afbb48d6c019181e1bcfe94b30269edfe72fe9b6aa4bd
7b5a0f1c71cfff4c19c418e1f6ec017981bc087f2a7065b384b890d3191f2bfa
/
801c0d34c58d93fe997177101f80535a4738cebcbf389a99b36371eb
MODP-2048-256 2
87a8e61db4b6663cffbbd19c651959998ceef608660dd0f25d2ceed4435e3b00e00df8f1d61957d4faf7df4561b2aa3016c3d91134096faa
3bf4296d830e9a7c209e0c6497517abd5a8a9d306bcf67ed91f9e6725b4758c022e0b1ef4275bf7b6c5bfc11d45f9088b941f54eb1e59bb8
bc39a0bf12307f5c4fdb70c581b23f76b63acae1caa6b7902d52526735488a0ef13c6d9a51bfa4ab3ad8347796524d8ef6a167b5a41825d9
67e144e5140564251ccacb83e6b486f6b3ca3f7971506026c0b857f689962856ded4010abd0be621c3a3960a54e710c375f26375d7014103
a4b54330c198af126116d2276e11715f693877fad7ef09cadb094ae91e1a1597
/
3fb32c9b73134d0b2e77506660edbd484ca7b18f21ef205407f4793a1a0ba12510dbc15077be463fff4fed4aac0bb555be3a6c1b0c6b47b1
bc3773bf7e8c6f62901228f8c28cbb18a55ae31341000a650196f931c77a57f2ddf463e5e9ec144b777de62aaab8a8628ac376d282d6ed38
64e67982428ebc831d14348f6f2f9193b5045af2767164e1dfc967c1fb3f2e55a4bd1bffe83b9c80d052b985d182ea0adb2a3b7313d3fe14
c8484b1e052588b9b7d2bbd2df016199ecd06e1557cd0915b3353bbb64e0ec377fd028370df92b52c7891428cdc67eb6184b523d1db246c3
2f63078490f00ef8d647d148d47954515e2327cfef98c582664b4c0f6cc41659
/
8cf83642a709a097b447997640129da299b1a47d1eb3750ba308b0fe64f5fbd3
"""


def _parse(text: str) -> dict[str, DhGroup]:
    groups = {}
    for block in text.split("MODP-")[1:]:
        name, parameter_id, *numbers = block.split()
        p, g, q = (int(number, 16) for number in "".join(numbers).split("/"))
        groups[f"MODP-{name}"] = DhGroup(f"MODP-{name}", int(parameter_id), p, Point(g), q)
    return groups


DH_GROUPS: Mapping[str, DhGroup] = MappingProxyType(_parse(_DOMAIN_PARAMETERS))
"""The three groups of RFC 5114 by name: ``MODP-1024-160``, ``MODP-2048-224``, ``MODP-2048-256``."""
GROUPS: Mapping[str, Group] = MappingProxyType({**DH_GROUPS, **ALL_CURVES})
"""All fourteen standardised groups of ICAO 9303-11, 9.5.1, by name; also those that no reader should carry."""

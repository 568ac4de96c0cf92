"""Which letters of an MRZ a national letter becomes (ICAO 9303-3, 8th edition, section 6, tables A, B and C).

Where a table allows several ways, or one for each language, all are here: the first is what the table puts first. Latin
letters that only drop an accent need no entry, since their decomposition (Unicode, NFD) says the same; that also covers
Vietnamese, whose letters the table does not list one by one.
"""

from types import MappingProxyType
from typing import Final

_LATIN: Final = """
    Ä=AE|A Å=AA|A Æ=AE Ð=D Ñ=N|NXX Ö=OE|O Ø=OE Ü=UE|UXX|U Þ=TH Đ=D Ħ=H Ł=L Ŋ=N Œ=OE Ŧ=T ẞ=SS
"""

# Ћ has no row of its own; table B gives C for U+04BA, whose glyph is the same. Ь has none either and is left out.
_CYRILLIC: Final = """
    Ё=E|IO Ђ=D Є=IE|YE Ѕ=DZ І=I Ї=I|YI Ј=J Љ=LJ Њ=NJ Ћ=C Ќ=K|KJ Ў=U Џ=DZ|DJ А=A Б=B В=V Г=G|H Д=D Е=E Ж=ZH|Z З=Z
    И=I|Y Й=I|Y К=K Л=L М=M Н=N О=O П=P Р=R С=S Т=T У=U Ф=F Х=KH|H Ц=TS|C Ч=CH|C Ш=SH|S Щ=SHCH|SHT Ъ=IE Ы=Y Ь= Э=E
    Ю=IU|YU Я=IA|YA Ѫ=U Ѵ=Y Ґ=G Ғ=G|GJ Һ=C
"""

_ARABIC: Final = """
    0621=XE 0622=XAA 0623=XAE 0624=U 0625=I 0626=XI 0627=A 0628=B 0629=XTA|XAH 062A=T 062B=XTH 062C=J 062D=XH 062E=XKH
    062F=D 0630=XDH 0631=R 0632=Z 0633=S 0634=XSH 0635=XSS 0636=XDZ 0637=XTT 0638=XZZ 0639=E 063A=G 0640= 0641=F 0642=Q
    0643=K 0644=L 0645=M 0646=N 0647=H 0648=W 0649=XAY 064A=Y 064B= 064C= 064D= 064E= 064F= 0650= 0652= 0670= 0671=XXA
    0679=XXT 067C=XRT 067E=P 0681=XKE 0685=XXH 0686=XC 0688=XXD 0689=XDR 0691=XXR 0693=XRR 0696=XRX 0698=XJ 069A=XXS
    069C= 06A2= 06A7= 06A8= 06A9=XKK 06AB=XXK 06AD=XNG 06AF=XGG 06BA=XNN 06BC=XXN 06BE=XDO 06C0=XYH 06C1=XXG 06C2=XGE
    06C3=XTG 06CC=XYA 06CD=XXY 06D0=Y 06D2=XYB 06D3=XBE
"""

SHADDA: Final = "\u0651"
"""Doubles what the letter before it became, without the X that begins it (table C, note 3: FXDZDZXAH)."""


def _entries(table: str) -> dict[str, tuple[str, ...]]:
    pairs = (entry.partition("=") for entry in table.split())
    return {letter: tuple(ways.split("|")) for letter, _, ways in pairs}


TRANSLITERATIONS: Final = MappingProxyType(
    _entries(_LATIN) | _entries(_CYRILLIC) | {chr(int(code, 16)): ways for code, ways in _entries(_ARABIC).items()}
)
"""Upper-case letter to the ways in which it may be written, in ``A`` to ``Z``; an empty way leaves it out."""

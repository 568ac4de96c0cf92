"""The worked examples of ICAO 9303-11 (appendices D and G.1), seen from the card's side, byte for byte."""

from collections.abc import Callable

from verifier.sdk.testing import CURVES, ChipData, CipherSuite, VirtualChip
from verifier.sdk.testing.pace import PaceParameters

MRZ_BAC = b"L898902C<369080619406236"
MRZ_PACE = b"T22000129364081251010318"
EF_COM = bytes.fromhex("60145F0104303130365F36063034303030305C026175")


def scripted(*values: str) -> Callable[[int], bytes]:
    """Randomness that was decided beforehand; asks for another length fail."""
    script = [bytes.fromhex(value) for value in values]

    def random(length: int) -> bytes:
        value = script.pop(0)
        assert len(value) == length
        return value

    return random


def exchange(chip: VirtualChip, command: str) -> str:
    return chip.process(bytes.fromhex(command)).hex().upper()


def test_basic_access_control_answers_as_in_appendix_d() -> None:
    data = ChipData(files={"EF.COM": EF_COM}, mrz="", mrz_information=MRZ_BAC)
    chip = VirtualChip(data, random=scripted("4608F91988702212", "0B4F80323EB3191CB04970CB4052790B"))
    assert exchange(chip, "00A4040C07A0000002471001") == "9000"
    assert exchange(chip, "0084000008") == "4608F919887022129000"
    cryptogram = "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A7"
    assert exchange(chip, f"0082000028{cryptogram}28") == (
        "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000"
    )
    # D.4: SELECT EF.COM, READ BINARY of 4 and of 18 bytes, inside secure messaging
    assert exchange(chip, "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800") == (
        "990290008E08FA855A5D4C50A8ED9000"
    )
    assert exchange(chip, "0CB000000D9701048E08ED6705417E96BA5500") == (
        "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"
    )
    assert exchange(chip, "0CB000040D9701128E082EA28A70F3C7B53500") == (
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000"
    )


def test_pace_with_generic_mapping_answers_as_in_appendix_g() -> None:
    parameters = PaceParameters(CURVES["brainpoolP256r1"], CipherSuite.AES_128)
    data = ChipData(files={}, mrz="", mrz_information=MRZ_PACE, pace=(parameters,))
    nonce = "3F00C4D39D153F2B2A214A078D899B22"
    mapping_key = "498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560"
    ephemeral_key = "107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A"
    chip = VirtualChip(data, random=scripted(nonce, mapping_key, ephemeral_key))
    assert exchange(chip, "0022C1A40F800A04007F00070202040202830101") == "9000"
    assert exchange(chip, "10860000027C0000") == "7C12801095A3A016522EE98D01E76CB6B98B42C39000"
    assert exchange(
        chip,
        "10860000457C438141047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
        "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D00",
    ) == (
        "7C43824104824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
        "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C549000"
    )
    assert exchange(
        chip,
        "10860000457C438341042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
        "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB3646200",
    ) == (
        "7C438441049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
        "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F0949000"
    )
    assert exchange(chip, "008600000C7C0A8508C2B0BD78D94BA86600") == "7C0A86083ABB9674BCE93C089000"

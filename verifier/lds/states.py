"""States: the codes of ICAO 9303-3, section 5, and which two letters in a certificate mean which three in an MRZ.

Certificates name a country with two letters (ISO 3166-1 alpha-2; ICAO 9303-12, 7.1.1.1), the MRZ with three (alpha-3
and the codes that 9303-3 adds). Source of the pairs: ISO 3166-1 as kept by Debian's iso-codes.
"""

_ISO_3166 = """
    AD=AND AE=ARE AF=AFG AG=ATG AI=AIA AL=ALB AM=ARM AO=AGO AQ=ATA AR=ARG AS=ASM AT=AUT AU=AUS AW=ABW AX=ALA AZ=AZE
    BA=BIH BB=BRB BD=BGD BE=BEL BF=BFA BG=BGR BH=BHR BI=BDI BJ=BEN BL=BLM BM=BMU BN=BRN BO=BOL BQ=BES BR=BRA BS=BHS
    BT=BTN BV=BVT BW=BWA BY=BLR BZ=BLZ CA=CAN CC=CCK CD=COD CF=CAF CG=COG CH=CHE CI=CIV CK=COK CL=CHL CM=CMR CN=CHN
    CO=COL CR=CRI CU=CUB CV=CPV CW=CUW CX=CXR CY=CYP CZ=CZE DE=DEU DJ=DJI DK=DNK DM=DMA DO=DOM DZ=DZA EC=ECU EE=EST
    EG=EGY EH=ESH ER=ERI ES=ESP ET=ETH FI=FIN FJ=FJI FK=FLK FM=FSM FO=FRO FR=FRA GA=GAB GB=GBR GD=GRD GE=GEO GF=GUF
    GG=GGY GH=GHA GI=GIB GL=GRL GM=GMB GN=GIN GP=GLP GQ=GNQ GR=GRC GS=SGS GT=GTM GU=GUM GW=GNB GY=GUY HK=HKG HM=HMD
    HN=HND HR=HRV HT=HTI HU=HUN ID=IDN IE=IRL IL=ISR IM=IMN IN=IND IO=IOT IQ=IRQ IR=IRN IS=ISL IT=ITA JE=JEY JM=JAM
    JO=JOR JP=JPN KE=KEN KG=KGZ KH=KHM KI=KIR KM=COM KN=KNA KP=PRK KR=KOR KW=KWT KY=CYM KZ=KAZ LA=LAO LB=LBN LC=LCA
    LI=LIE LK=LKA LR=LBR LS=LSO LT=LTU LU=LUX LV=LVA LY=LBY MA=MAR MC=MCO MD=MDA ME=MNE MF=MAF MG=MDG MH=MHL MK=MKD
    ML=MLI MM=MMR MN=MNG MO=MAC MP=MNP MQ=MTQ MR=MRT MS=MSR MT=MLT MU=MUS MV=MDV MW=MWI MX=MEX MY=MYS MZ=MOZ NA=NAM
    NC=NCL NE=NER NF=NFK NG=NGA NI=NIC NL=NLD NO=NOR NP=NPL NR=NRU NU=NIU NZ=NZL OM=OMN PA=PAN PE=PER PF=PYF PG=PNG
    PH=PHL PK=PAK PL=POL PM=SPM PN=PCN PR=PRI PS=PSE PT=PRT PW=PLW PY=PRY QA=QAT RE=REU RO=ROU RS=SRB RU=RUS RW=RWA
    SA=SAU SB=SLB SC=SYC SD=SDN SE=SWE SG=SGP SH=SHN SI=SVN SJ=SJM SK=SVK SL=SLE SM=SMR SN=SEN SO=SOM SR=SUR SS=SSD
    ST=STP SV=SLV SX=SXM SY=SYR SZ=SWZ TC=TCA TD=TCD TF=ATF TG=TGO TH=THA TJ=TJK TK=TKL TL=TLS TM=TKM TN=TUN TO=TON
    TR=TUR TT=TTO TV=TUV TW=TWN TZ=TZA UA=UKR UG=UGA UM=UMI US=USA UY=URY UZ=UZB VA=VAT VC=VCT VE=VEN VG=VGB VI=VIR
    VN=VNM VU=VUT WF=WLF WS=WSM YE=YEM YT=MYT ZA=ZAF ZM=ZMB ZW=ZWE
"""

# ICAO 9303-3, section 5, parts B to D: what is no ISO 3166-1 code, as it stands in a certificate and in an MRZ.
_SPECIAL = {
    "DE": "D",
    "EU": "EUE",
    "KS": "RKS",
    "UN": "UNO",
    "UT": "UTO",
    "XK": "RKS",
    "XO": "XOM",
    "ZZ": "UNO",
}
# Codes of issuing states whose documents another state's authority signs.
_SIGNED_BY = {
    "GBD": "GBR",
    "GBN": "GBR",
    "GBO": "GBR",
    "GBP": "GBR",
    "GBS": "GBR",
    "UNA": "UNO",
    "UNK": "UNO",
}
_THREE_LETTERS = {pair[:2]: pair[3:] for pair in _ISO_3166.split()} | _SPECIAL | {"DEU": "D"}


def state_of(code: str) -> str:
    """Return the one code by which a state is compared: that of the MRZ without fillers.

    ``code`` is an MRZ's issuing state (``VNM``, ``D<<``), a certificate's country (``VN``, ``de``), or an entry of a
    policy. A code that no table knows is returned as it is, so that it equals only itself.

    >>> state_of("VN"), state_of("D<<"), state_of("DEU"), state_of("de"), state_of("QQ")
    ('VNM', 'D', 'D', 'D', 'QQ')
    """
    plain = code.replace("<", "").strip().upper()
    return _THREE_LETTERS.get(plain, plain)


def codes_of(code: str) -> frozenset[str]:
    """Return every code by which a state may be named, in certificates and in an MRZ; ``code`` is one of them.

    >>> sorted(codes_of("VNM")), sorted(codes_of("de")), sorted(codes_of("QQ"))
    (['VN', 'VNM'], ['D', 'DE', 'DEU'], ['QQ'])
    """
    state = state_of(code)
    return frozenset({state, *(other for other, known in _THREE_LETTERS.items() if known == state)})


def signing_state_of(code: str) -> str:
    """Return the state whose authority signs the documents of ``code``: nearly always the state itself.

    >>> signing_state_of("VNM"), signing_state_of("GBD")
    ('VNM', 'GBR')
    """
    state = state_of(code)
    return _SIGNED_BY.get(state, state)

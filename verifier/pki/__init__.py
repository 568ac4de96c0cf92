"""Whom to believe: certificates, signatures, revocation and paths (ICAO 9303-12, RFC 5280, RFC 5652)."""

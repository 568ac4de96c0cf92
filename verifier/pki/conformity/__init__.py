"""What certificates, CRLs and signed lists do differently from the profile (ICAO 9303-12, 7.1), by stable codes."""

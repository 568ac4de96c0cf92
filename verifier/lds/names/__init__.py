"""Names in the letters of an MRZ, and whether a name written otherwise can be the same one (ICAO 9303-3, 4.6 and 6)."""

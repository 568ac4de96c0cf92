"""What a chip holds: the logical data structure (ICAO 9303-10), one file per elementary file."""

"""Where trust material comes from beside single files: signed lists and the directory of ICAO."""

"""The publisher of signed lists: `thechip-lists`."""

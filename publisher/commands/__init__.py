"""The commands of ``thechip-lists``."""

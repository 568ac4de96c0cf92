"""What ``thechip-appliance`` can do, one file for each kind of command."""

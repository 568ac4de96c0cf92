"""What the ledger says of somebody at a meeting, once corrections are taken into account; dated exemptions."""

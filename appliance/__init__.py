"""The check-in appliance: reader, meeting rules and the durable attendance ledger."""

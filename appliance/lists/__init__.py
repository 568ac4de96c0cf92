"""The lists that the appliance believes: issuer certificates, revocations, card status."""

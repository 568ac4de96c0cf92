"""A chip to test with: virtual chip, synthetic PKI, misbehaving cards. Shipped for integrators."""

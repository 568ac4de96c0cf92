"""The demo: an invented chi bộ, a synthetic PKI, a simulated PN532, and a tray of virtual cards."""

"""The roster as a spreadsheet that officers keep: read strictly, taken over as a whole or not at all."""

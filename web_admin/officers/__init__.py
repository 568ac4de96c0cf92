"""Who may use this page, and inviting others: a second officer is needed to confirm what is recorded by hand."""

"""What personalisation and issuers write: files, certificates, lists."""

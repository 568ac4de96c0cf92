"""One file per check; ``verify`` holds the table that orders them."""

"""The page's language: what was chosen here, else what the browser asks for, else Vietnamese."""

"""The page's language: Vietnamese unless this browser chose English."""

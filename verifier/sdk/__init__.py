"""The public door of the SDK."""

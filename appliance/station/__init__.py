"""The station: readers, taps, and the light, sound and screen that answer them."""

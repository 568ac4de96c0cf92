"""The device's time: asked of an officer while nothing else vouches for it."""

"""Keys: the secrets of one appliance, as they lie on its card, and what opens them (``docs/ledger.md``, "At rest")."""

from appliance.keys.files import KEY_LENGTH, fsync_directory, read_secret, remove_all, write_atomically
from appliance.keys.key_set import Keys

__all__ = ["KEY_LENGTH", "Keys", "fsync_directory", "read_secret", "remove_all", "write_atomically"]

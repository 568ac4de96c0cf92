"""How a desk stands: who signs what until when, what is staged, what comes to an end, which key files are idle."""

from publisher.status.desk_status import DeskStatus, EndingStatus, KeyStatus, RoleStatus, status
from publisher.status.idle_keys import idle_key_files

__all__ = ["DeskStatus", "EndingStatus", "KeyStatus", "RoleStatus", "idle_key_files", "status"]

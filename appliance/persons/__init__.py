"""Persons: who looked at whom, what a person asks for and gets, and how long anything is kept (``docs/persons.md``)."""

from appliance.persons.access_log import AccessLine, AccessLog
from appliance.storage.persons import Answer, Look, Purpose, RequestKind

__all__ = ["AccessLine", "AccessLog", "Answer", "Look", "Purpose", "RequestKind"]

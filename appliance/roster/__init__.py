"""The members of the chi bộ, and the numbers by which their cards are recognised."""

from appliance.roster.service import Member, MemberClass, MemberStatus, Newcomer, RosterService, TakenOver

__all__ = ["Member", "MemberClass", "MemberStatus", "Newcomer", "RosterService", "TakenOver"]

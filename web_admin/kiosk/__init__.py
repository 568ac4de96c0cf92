"""The kiosk screen: what the station says now, big, for whoever holds a card. No login, no list, no history."""

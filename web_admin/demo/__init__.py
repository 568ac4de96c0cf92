"""The demo's tray of virtual cards beside the kiosk screen; registered in demo mode only."""

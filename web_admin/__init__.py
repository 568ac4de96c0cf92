"""The admin page and the kiosk screen: a Flask application over the appliance services."""

"""What is shown to whoever stands before the appliance: states, phrases, and the board that carries them."""

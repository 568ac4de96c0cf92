"""Where lists come from: a mirror or a stick, each as what python-tuf fetches from. None of them is believed."""

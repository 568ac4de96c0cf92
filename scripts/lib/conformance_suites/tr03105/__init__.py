"""BSI TR-03105-5.1: the test plan for inspection systems, case by case."""

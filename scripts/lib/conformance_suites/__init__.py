"""Other people's test suites, run against our functions; ``scripts/conformance`` makes docs/conformance.md of them."""

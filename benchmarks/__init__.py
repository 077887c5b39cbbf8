"""The figures in the README, each measured beside its peer in one run: `python -m benchmarks NAME [--quick] [--json]`."""

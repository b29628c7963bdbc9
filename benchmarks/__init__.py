"""What is fast, against what: `python -m benchmarks.run`."""

"""Benchmarks of speed and quality: ``python -m benchmarks speed`` and ``python -m benchmarks quality``."""

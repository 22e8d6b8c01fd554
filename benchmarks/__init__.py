"""What LinEAS costs and does, measured: ``python -m benchmarks speed`` and ``python -m benchmarks quality``."""

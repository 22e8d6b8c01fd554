"""Programs that make the icon, the ready-made maps and the screenshots in ``assets/``: ``python -m scripts.make_maps``."""

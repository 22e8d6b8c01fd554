"""My concepts: keep, share, restore."""

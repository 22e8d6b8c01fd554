"""The version of this package, on its own so that every module can name it."""

__version__ = "0.2.0"

"""Checks in a process of their own."""

import tempfile
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import torch
from transformers import logging

from tests.architectures.checks import Result, check, server


def run(names: Sequence[str]) -> dict[str, Result]:
    """Check these architectures one after another, silently and on one core."""
    warnings.filterwarnings("ignore")
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    found = {}
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()), server(Path(folder) / "home") as doors:
        for name in names:
            found[name] = check(name, Path(folder) / name, doors)
    return found

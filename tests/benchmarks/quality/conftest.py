"""A study without a model: tables are made from results alone."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.quality.study import Study
from lineas.training.recipes import RECIPES


class NoModel:
    fingerprint = "none"
    has_chat_template = True


@pytest.fixture
def study(tmp_path: Path) -> Study:
    model: Any = NoModel()
    return Study(model, RECIPES["quick"], tmp_path, tmp_path, 2, False, tmp_path / "page.md")

"""The example notebook: kept without outputs, made of public names only, and run from its first cell to its last."""

import re
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import lineas
from lineas.models.builtin import fetch_default

ROOT = Path(__file__).parents[2]
NOTEBOOK = nbformat.read(ROOT / "examples" / "quickstart.ipynb", as_version=4)
CODE = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]


def test_the_notebook_is_valid_and_kept_without_outputs() -> None:
    nbformat.validate(NOTEBOOK)
    assert not any(cell.outputs or cell.execution_count for cell in CODE)


def test_the_notebook_uses_public_names_only() -> None:
    imports = re.findall(r"^(?:from|import) lineas.*$", "\n".join(cell.source for cell in CODE), re.M)
    assert imports
    for line in imports:
        names = re.fullmatch(r"from lineas import (.*)", line)
        assert names, line
        assert set(names[1].split(", ")) <= set(lineas.__all__)


@pytest.mark.default_model
def test_the_notebook_runs_and_shows_answers_and_a_plot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch_default()
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "matplotlib"))
    notebook = deepcopy(NOTEBOOK)
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    printed = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
    assert "strength 0.0:" in printed and "strength 1.0:" in printed
    assert any("image/png" in output.get("data", {}) for output in outputs)

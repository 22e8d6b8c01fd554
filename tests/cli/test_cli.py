"""The command line as a whole: help, wrong use, and real processes."""

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from commands import ROOT, Lineas, asking, environment, process

from lineas import cli
from lineas.cli import train
from lineas.methods import METHODS
from lineas.training.recipes import RECIPES


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from lineas.cli import main; code = main(sys.argv[1:]);"
        "heavy = {'torch', 'transformers', 'gradio', 'numpy', 'datasets'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    for words in (["--help"], ["doctor", "--help"], ["train", "--help"], ["app", "--help"], ["--version"]):
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert time.perf_counter() - began < 3  # 0.15 s on an idle machine
        if words == ["--help"]:
            assert all(re.search(rf"^    {command} ", done.stdout, re.M) for command in cli.COMMANDS)


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_help_with_an_example_and_json(lineas: Lineas, command: str) -> None:
    result = lineas(command, "--help")
    assert result.code == 0
    assert f"example:\n  lineas {command}" in result.out
    assert "--json" in result.out


def test_train_help_names_all_recipes_and_methods(lineas: Lineas) -> None:
    assert set(re.findall(r"\w+", lineas("train", "--help").out)) >= {*RECIPES, *METHODS}
    assert train.METHODS == tuple(METHODS)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["fly"],
        ["train"],
        ["train", "--source", "a.txt", "--target", "b.txt"],
        ["train", "--source", "a", "--target", "b", "--out", "c", "--recipe", "fast"],
        ["train", "--source", "a", "--target", "b", "--out", "c", "--steps", "0"],
        ["train", "--source", "a", "--target", "b", "--out", "c", "--steps", "many"],
        ["train", "--source", "a", "--target", "b", "--out", "c", "--support", "101"],
        ["train", "--source", "a", "--target", "b", "--out", "c", "--sparsity", "-1"],
        ["train", "--source", "a", "--target", "b", "--out", "c", "--seed", "9" * 400],
        ["train", "--resume", "x", "--steps", "3"],
        ["generate", "--prompt", "hello"],
        ["generate", "--map", "m"],
        ["generate", "--map", "m", "--prompt", "hello", "--strength", "strong"],
        ["generate", "--map", "m", "--prompt", "hello", "--strength", "nan"],
        ["generate", "--map", "m", "--prompt", "hello", "--top-p", "2"],
        ["generate", "--map", "m", "--prompt", "hello", "--max-new-tokens", "0"],
        ["inspect"],
        ["compose", "a=0.5"],
        ["compose", "a=much", "--out", "c"],
        ["compose", "--out", "c"],
        ["app", "--port", "many"],
    ],
)
def test_wrong_use_exits_with_2_usage_and_a_reason(lineas: Lineas, words: Sequence[str]) -> None:
    result = lineas(*words)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("usage: lineas")
    assert "error: " in result.reason


def test_commands_run_as_processes(folder: Path, a_map: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = process("inspect", a_map, "--json", home=home)
    assert (done.code, done.err, done.document["name"]) == (0, "", "strong")
    failed = process("inspect", "none.safetensors", home=home)
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith("lineas: There is no map file at 'none.safetensors'")
    spoken = process(*asking(folder, a_map, "--prompt", "the day"), home=home, PYTHONIOENCODING="ascii")
    assert (spoken.code, spoken.err) == (0, "")


def test_a_reader_that_ends_early_causes_no_traceback(a_map: Path, tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m lineas inspect '{a_map}' | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=environment(tmp_path, {}), capture_output=True, text=True
    )
    assert done.returncode in (0, 1)
    assert done.stderr == ""

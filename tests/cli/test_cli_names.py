"""Wrong names are answered before torch is imported; lists, completion, and progress for logs."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import Lineas, asking, environment, training

from lineas.cli import COMMANDS, evaluate, terminal

ROOT = Path(__file__).parents[2]
WRONG = (
    (("inspect", "nope.safetensors"), 1, "There is no map file at 'nope.safetensors'"),
    (("export", "folder/nope", "--format", "gguf", "--out", "x"), 1, "There is no map file at 'folder/nope'"),
    (("push", "nope", "me/nope"), 1, "no concept 'nope'"),
    (("generate", "--map", "nope", "--prompt", "a"), 1, "no concept 'nope'"),
    (("generate", "--map", "n" * 5000, "--prompt", "a"), 1, "no concept 'nnn"),
    (("generate", "--map", "pirate", "--prompt", "a", "--model", "x" * 500), 1, "is not the name of a model"),
    (("generate", "--map", "pirate", "--prompt", "a", "--model", "/gone/model"), 1, "no file or folder '/gone/model'"),
    (("generate", "--map", "pirate", "--prompt-file", "gone.txt"), 1, "gone.txt"),
    (("generate", "--map", "pirate", "--prompt", "a", "--strength", "lots"), 2, "'lots' is not a number"),
    (("evaluate", "--map", "pirate", "--suite", "nothing"), 2, "no suite 'nothing'"),
    (("evaluate", "--map", "pirate", "--suite", "mmlu"), 2, "--data"),
    (("compose", "pirate=0.5", "nope", "--out", "x"), 1, "no concept 'nope'"),
    (("compare", "--source", "gone.txt", "--target", "gone.txt"), 1, "gone.txt"),
    (("train", "--source", "gone.txt", "--target", "gone.txt", "--out", "x"), 1, "gone.txt"),
    (("train", "--source", "README.md", "--target", "README.md", "--out", "x", "--steps", "-3"), 2, "-3 steps"),
    (("train", "--source", "README.md", "--target", "README.md", "--out", "x", "--recipe", "best"), 2, "'best'"),
    (("generate", "--map", "pirat", "--prompt", "a"), 1, "Did you mean 'Pirate'?"),
    (("generate", "--map", "night", "--prompt", "a"), 1, "'night' is a concept for pictures"),
    (("picture", "generate", "--map", "nite", "--prompt", "a", "--out", "x.png"), 1, "Did you mean 'Night'?"),
    (
        ("picture", "generate", "--map", "pirate", "--prompt", "a", "--out", "x.png"),
        1,
        "'pirate' is a concept for text",
    ),
    (
        ("picture", "generate", "--map", "assets/maps/pirate.safetensors", "--prompt", "a", "--out", "x"),
        1,
        "a map for text",
    ),
    (("serve", "--model", "x" * 500), 1, "is not the name of a model"),
    (("list", "everything"), 2, "nothing called 'everything'"),
    (("list",), 0, ""),
)


def test_names_and_numbers_are_checked_before_torch_is_imported(lineas_home: Path) -> None:
    code = (
        "import sys, json; from lineas import cli\n"
        "sys.stdout = open(sys.argv[1], 'w')\n"
        "for words in json.load(sys.stdin):\n"
        "    code = cli.main(words)\n"
        "    print('@', code, len({'torch', 'transformers', 'datasets'} & set(sys.modules)), file=sys.stderr)\n"
    )
    import json

    done = subprocess.run(
        [sys.executable, "-c", code, str(lineas_home.parent / "out")],
        input=json.dumps([words for words, *_ in WRONG]), env=environment(lineas_home, {}), cwd=ROOT, capture_output=True,
        text=True, timeout=120,
    )  # fmt: skip
    answers = done.stderr.split("@ ")
    assert len(answers) == len(WRONG) + 1, done.stderr
    said = answers[0]
    for (words, code_wanted, reason), answer in zip(WRONG, answers[1:], strict=True):
        result, _, following = answer.partition("\n")
        assert result == f"{code_wanted} 0", (words, said)
        assert reason in said and "Traceback" not in said and len(said) < 1500, (words, said)
        said = following


def test_the_names_of_suites_are_those_that_there_are() -> None:
    from lineas.evaluation.suites.scorecard import SUITES

    assert set(evaluate.SUITES) == {*SUITES, "health"}


def test_list_has_concepts_pictures_models_and_runs(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    assert lineas(*training(folder, tmp_path / "mine.safetensors", "--steps", 1)).code == 0
    document = lineas("list", "--json").document
    assert document.keys() == {"concepts", "pictures", "models", "runs"}
    assert {"name": "Night", "words": "at night"}.items() <= document["pictures"][3].items()
    assert [concept["name"] for concept in document["concepts"]][:2] == ["mine", "Fairy Tale"]
    assert document["models"][0]["name"] == "default" and document["models"][0]["here"] == "not fetched yet"
    assert [(run["name"], run["state"]) for run in document["runs"]] == [("mine", "done")]
    text = lineas("list", "runs", "concepts").out
    assert document["runs"][0]["id"] in text and "Pirate" in text and "models" not in text


def test_a_shell_learns_the_commands_and_flags(lineas: Lineas, tmp_path: Path) -> None:
    script = tmp_path / "completion.sh"
    script.write_text(lineas("--print-completion", "bash").out)
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert all(f"_shtab_lineas_{command}_option_strings" in script.read_text() for command in COMMANDS)
    assert "--max-new-tokens" in script.read_text()


def test_progress_in_a_log_is_a_line_now_and_then(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = lineas(*training(folder, tmp_path / "a.safetensors", "--steps", 3))
    assert "3 of 3" not in quiet.err  # over in less than ten seconds
    monkeypatch.setattr(terminal, "SECONDS_BETWEEN_LINES", 0.0)
    told = lineas(*training(folder, tmp_path / "b.safetensors", "--steps", 3, "--json"))
    lines = told.err.splitlines()
    assert any(line.startswith("training: ") and "of 3, about" in line for line in lines), told.err
    assert "\r" not in told.err and told.lines[-1]["event"] == "done"


def test_answers_grow_on_a_terminal_into_the_same_text(
    lineas: Lineas, folder: Path, a_map: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = asking(folder, a_map, "--prompt", "the day", "--prompt", "my work", "--strength", 0, 0.5, 1)
    whole = lineas(*words)
    pieces: list[Any] = []
    real = print
    monkeypatch.setattr("builtins.print", lambda *text, **how: (pieces.append(text), real(*text, **how)))
    monkeypatch.setattr("lineas.cli.terminal.Terminal.live", property(lambda terminal: not terminal.json))
    grown = lineas(*words)
    assert grown.out == whole.out and grown.out.count("[strength 1]") == 2
    assert len(pieces) > 6

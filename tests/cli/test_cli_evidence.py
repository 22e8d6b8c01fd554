"""``lineas evaluate``, ``compare``, and the verdict that ``train`` and ``inspect`` show, on a tiny model in a folder."""

import csv
from pathlib import Path

import pytest
from commands import Lineas, training
from judging import letters

from lineas.cli import tables
from lineas.errors import LineasError
from lineas.evaluation.health_card import HealthCard
from lineas.evaluation.metrics import embeddings
from lineas.evaluation.verdict import TITLES
from lineas.steering.map import SteeringMap

QUESTIONS = ["the day was", "my ship", "we like"]


@pytest.fixture(autouse=True)
def own_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces the judge's embeddings, which would be downloaded."""
    monkeypatch.setattr(embeddings, "fetch_once", lambda *anything: None)
    monkeypatch.setattr(embeddings, "_load", lambda folder: letters)
    monkeypatch.setattr(embeddings, "load_fetched_minilm", lambda: letters)


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    path = tmp_path / "prompts.txt"
    path.write_text("\n".join(QUESTIONS), encoding="utf-8")
    return path


def examples(folder: Path) -> list[object]:
    return ["--source", folder / "source.txt", "--target", folder / "target.txt"]


# ---- train and inspect


def test_a_training_ends_with_a_verdict(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.safetensors"
    words = [word for word in training(folder, out, "--steps", 3, "--json") if word != "--no-check"]
    result = lineas(*words)
    assert result.code == 0, result.err
    *_, health, done = result.lines
    assert done["event"] == "done"
    assert health["event"] == "health"
    assert health["verdict"] in ("works", "weak", "breaks the text", "your examples do not differ")
    metadata = SteeringMap.load(out).metadata
    assert float(metadata["recommended_strength"]) == health["recommended_strength"]

    shown = lineas("inspect", out, "--json").document
    assert shown["health"]["reason"] == health["reason"]
    assert "health" not in shown["provenance"]
    text = lineas("inspect", out).out
    assert f"verdict      {health['verdict']}" in text
    assert "the judge hears" in text


def test_a_failing_health_check_does_not_lose_the_map(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*anything: object, **more: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("lineas.evaluation.health.health_check", fail)
    out = tmp_path / "m.safetensors"
    result = lineas(*(word for word in training(folder, out, "--steps", 2) if word != "--no-check"))
    assert result.code == 0
    assert "health check failed" in result.err
    assert SteeringMap.load(out).sites


def test_a_mix_has_no_verdict(lineas: Lineas, a_map: Path, tmp_path: Path) -> None:
    one, mixed = tmp_path / "one.safetensors", tmp_path / "mixed.safetensors"
    SteeringMap.load(a_map).with_metadata(health='{"verdict": "works"}').save(one)
    assert lineas("compose", one, a_map, "--out", mixed).code == 0
    assert lineas("inspect", mixed, "--json").document["health"] is None


WHOLE = HealthCard("works", "It is heard.", True, 1.0, 0.1, 0.01).to_json()


@pytest.mark.parametrize(
    "text",
    [
        '{"verdict": "works"}', "[", "[1]", '"works"', "{}",
        WHOLE.replace('"works"', '"splendid"'), WHOLE.replace('"works"', '["works"]'), WHOLE.replace('"It is heard."', "7"),
    ],
)  # fmt: skip
def test_a_health_card_of_an_unknown_format_is_ignored(lineas: Lineas, a_map: Path, tmp_path: Path, text: str) -> None:
    odd = tmp_path / "odd.safetensors"
    SteeringMap.load(a_map).with_metadata(health=text).save(odd)
    result = lineas("inspect", odd)
    assert result.code == 0
    assert "verdict" not in result.out


# ---- evaluate


def test_evaluate_measures_every_strength_and_an_instruction(
    lineas: Lineas, folder: Path, a_map: Path, prompts: Path
) -> None:
    result = lineas(
        "evaluate", "--map", a_map, "--model", folder / "model", *examples(folder), "--prompt-file", prompts,
        "--strength", 0.5, 1, "--instruction", "the sea !", "--suite", "effect", "cost", "health", "--json",
    )  # fmt: skip
    assert result.code == 0, result.err
    found = result.document
    rows = found["strengths"]
    assert [row["strength"] for row in rows] == [0.0, 0.5, 0.8, 1.0, "instruction"]  # 0.8 is the map's own
    assert found["recommended_strength"] in (0.5, 0.8, 1.0)
    for row in rows:
        assert 0 <= row["effect"] <= 1
        assert {"perplexity", "relevance", "distinct_1", "distinct_2", "target_loss", "wiki_loss"} <= row.keys()
    assert found["health"]["verdict"] in TITLES
    assert found["health"]["answers"][-1]["who"] == "instruction"


def test_evaluate_prints_a_table(lineas: Lineas, folder: Path, a_map: Path, prompts: Path) -> None:
    result = lineas(
        "evaluate", "--map", a_map, "--model", folder / "model", "--prompt-file", prompts, "--strength", 1,
    )  # fmt: skip
    assert result.code == 0, result.err
    assert "use it at strength 0.8" in result.out, "the strength in the metadata of a map whose examples are unknown"
    assert "The examples of this map are not known" in result.out
    assert "wiki loss" in result.out
    assert "–" in result.out


def test_evaluate_finds_the_examples_of_a_run(lineas: Lineas, folder: Path, tmp_path: Path, prompts: Path) -> None:
    out = tmp_path / "m.safetensors"
    assert lineas(*training(folder, out, "--steps", 2)).code == 0
    result = lineas(
        "evaluate", "--map", out, "--model", folder / "model", "--prompt-file", prompts, "--strength", 1, "--json"
    )
    assert result.document["strengths"][0]["effect"] is not None
    assert result.document["strengths"][0]["target_loss"] is not None
    assert result.document["strengths"][-1]["strength"] == "instruction", "some examples replace it"


@pytest.mark.parametrize(
    ("more", "code", "reason"),
    [
        (["--suite", "magic"], 2, "there is no suite 'magic'"),
        (["--suite", "cost", "effect:x"], 2, "there is no suite 'effect:x'"),
        (["--suite", "lm:"], 2, "there is no suite 'lm:'"),
        (["--suite", "blimp"], 2, "give their folder with --data"),
        (["--suite", "blimp", "--data", "/nowhere"], 2, "/nowhere/blimp/blimp_200_each.jsonl is missing"),
        (["--suite", "classifier:nobody/nothing"], 1, "The scorer 'nobody/nothing' cannot be loaded"),
        (["--suite", "health"], 2, "needs the examples"),
        (["--source", __file__], 2, "--source and --target belong together"),
    ],
)
def test_evaluate_refuses_wrong_suites_and_options(
    lineas: Lineas, folder: Path, a_map: Path, prompts: Path, more: list[str], code: int, reason: str
) -> None:
    result = lineas(
        "evaluate", "--map", a_map, "--model", folder / "model", "--prompt-file", prompts, "--strength", 1, *more
    )
    assert result.code == code
    assert reason in result.reason
    assert "Traceback" not in result.err


@pytest.mark.parametrize("suite", ["magic", "mmlu", "truthfulqa"])
def test_a_wrong_suite_is_refused_before_the_model_is_loaded(
    lineas: Lineas, a_map: Path, tmp_path: Path, suite: str
) -> None:
    for data in ([], ["--data", tmp_path]):
        result = lineas("evaluate", "--map", a_map, "--model", "nobody/no-model", "--suite", "cost", suite, *data)
        assert result.code == 2
        assert "no-model" not in result.reason


# ---- compare


def test_compare_writes_one_table_for_all_methods(lineas: Lineas, folder: Path, tmp_path: Path, prompts: Path) -> None:
    pytest.importorskip("matplotlib")
    files = [tmp_path / f"table.{ending}" for ending in ("csv", "md", "png")]
    result = lineas(
        "compare", *examples(folder), "--model", folder / "model", "--prompt-file", prompts,
        "--methods", "mean_act", "caa", "prompting", "--out", *files, "--json",
    )  # fmt: skip
    assert result.code == 0, result.err
    methods = result.document["methods"]
    assert [row["method"] for row in methods] == ["plain", "mean_act", "caa", "prompting"]
    assert all({"effect", "cost", "perplexity", "strength", "seconds"} <= row.keys() for row in methods)
    assert methods[1]["effect_low"] <= methods[1]["effect"] <= methods[1]["effect_high"]
    assert methods[0]["cost"] == 0
    assert methods[1]["at_equal_ease"] >= methods[1]["effect"] - 1e-9
    with files[0].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert float(rows[2]["effect"]) == pytest.approx(methods[2]["effect"])
    assert "along" not in rows[0]
    assert files[1].read_text().startswith("| method | strength | effect |")
    assert files[1].read_text().count("\n") == 2 + len(methods)
    assert files[2].read_bytes().startswith(b"\x89PNG")

    text = lineas(
        "compare", *examples(folder), "--model", folder / "model", "--prompt-file", prompts, "--methods", "caa_middle"
    ).out
    assert "at equal ease" in text
    assert "independent judge" in text


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--methods", "magic"], "There is no method 'magic'"),
        (["--recipe", "fast"], "There is no recipe 'fast'"),
        (["--out", "table.docx"], "'table.docx' ends in none of .csv, .md, .png"),
    ],
)
def test_compare_refuses_wrong_options(lineas: Lineas, folder: Path, more: list[str], reason: str) -> None:
    result = lineas("compare", *examples(folder), "--model", folder / "model", *more)
    assert result.code == 2
    assert reason in result.reason


def test_compare_refuses_too_few_examples(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.txt"
    few.write_text("the day\nthe sea\n", encoding="utf-8")
    result = lineas("compare", "--source", few, "--target", folder / "target.txt", "--model", folder / "model")
    assert result.code == 1
    assert "at least 4" in result.reason


def test_a_picture_without_matplotlib_is_refused_before_any_work(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import builtins

    real = builtins.__import__

    def refuse(name: str, *args: object, **kwargs: object) -> object:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    result = lineas("compare", *examples(folder), "--model", "nobody/no-model", "--out", tmp_path / "p.png")
    assert result.code == 1
    assert "needs the package matplotlib" in result.reason
    assert "pip install matplotlib" in result.reason


# ---- tables


ROWS = [
    {"method": "plain", "effect": 0.125, "effect_low": 0.1, "effect_high": 0.2, "cost": 0.0},
    {"method": "a|b", "effect": 123.456, "cost": None, "more": 3},
]


def test_tables_are_written_as_text_markdown_and_csv() -> None:
    assert tables.columns_of(ROWS, ["cost"]) == ["method", "cost", "effect", "effect_low", "effect_high", "more"]
    assert tables.layout(ROWS, ["method", "effect", "cost"]).splitlines() == [
        "method               effect  cost",
        "plain   0.12 (0.10 to 0.20)     0",
        "a|b                   123.5     –",
    ]
    assert (
        tables.as_markdown(ROWS, ["method", "more"]) == "| method | more |\n|---|---|\n| plain | – |\n| a\\|b | 3 |\n"
    )
    assert tables.as_csv(ROWS, ["method", "cost"]) == "method,cost\nplain,0.0\na|b,\n"


def test_a_table_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LineasError):
        tables.write(tmp_path / "file" / "table.csv", "x")

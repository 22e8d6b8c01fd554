"""The command line, through ``main`` and through real processes, on a tiny model in a folder."""

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny import SOURCE, TARGET, make_model

from lineas import cli
from lineas.cli import app, train
from lineas.core.maps import SteeringMap
from lineas.methods import METHODS
from lineas.recipes import RECIPES
from lineas.store import RunStore

STEP_KEYS = {"event", "step", "of", "loss", "elapsed"}
ROOT = Path(__file__).parents[1]
DONE_KEYS = {"event", "map", "loss_start", "loss_end", "seconds", "steps"}


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def reason(self) -> str:
        """The last line on stderr."""
        return self.err.strip().splitlines()[-1]


Lineas = Callable[..., Result]


@pytest.fixture
def lineas(capfd: pytest.CaptureFixture[str], lineas_home: Path) -> Lineas:
    """Runs a command in this process, with an empty home folder."""

    def run(*words: object) -> Result:
        capfd.readouterr()
        code = cli.main([str(word) for word in words])
        return Result(code, *capfd.readouterr())

    return run


def process(*words: object, home: Path, **environment: str) -> Result:
    """Runs a command in a process of its own."""
    command = [sys.executable, "-m", "lineas", *map(str, words)]
    done = subprocess.run(
        command, env=_environment(home, environment), cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    return Result(done.returncode, done.stdout, done.stderr)


def _environment(home: Path, more: dict[str, str]) -> dict[str, str]:
    return os.environ | {"LINEAS_HOME": str(home), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"} | more


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model and two example files."""
    folder = tmp_path_factory.mktemp("cli")
    model = make_model("llama")
    model.network.save_pretrained(folder / "model")
    model.tokenizer.save_pretrained(folder / "model")
    (folder / "source.txt").write_text("\n".join(SOURCE), encoding="utf-8")
    (folder / "target.txt").write_text("\n".join(TARGET), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def a_map(folder: Path) -> Path:
    """A map of the tiny model that moves every coordinate."""
    model = make_model("llama")
    generator = torch.Generator().manual_seed(0)
    path = folder / "strong.safetensors"
    SteeringMap(
        {site.name: 1 + 0.3 * torch.randn(site.width, generator=generator) for site in model.sites},
        {site.name: torch.randn(site.width, generator=generator) for site in model.sites},
        {"name": "strong", "base_model": "tiny", "recommended_strength": "0.8"},
    ).save(path)
    return path


def training(folder: Path, out: Path, *more: object) -> list[object]:
    files = ["--source", folder / "source.txt", "--target", folder / "target.txt"]
    return ["train", *files, "--out", out, "--model", folder / "model", "--no-check", *more]


def asking(folder: Path, steering_map: object, *more: object) -> list[object]:
    return ["generate", "--map", steering_map, "--model", folder / "model", "--max-new-tokens", 6, *more]


# ---- help, wrong use


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
def test_wrong_use_is_2_with_usage_and_a_reason(lineas: Lineas, words: Sequence[str]) -> None:
    result = lineas(*words)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("usage: lineas")
    assert "error: " in result.reason


# ---- train


def test_train_prints_the_events_of_the_contract_and_keeps_the_run(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path
) -> None:
    out = tmp_path / "new" / "bright.safetensors"
    result = lineas(*training(folder, out, "--steps", 4, "--json"))
    assert result.code == 0, result.err
    *steps, done = result.lines
    assert [event["step"] for event in steps] == [1, 2, 3, 4]
    assert all(event.keys() == STEP_KEYS and event["event"] == "step" and event["of"] == 4 for event in steps)
    assert [event["elapsed"] for event in steps] == sorted(event["elapsed"] for event in steps)
    assert done.keys() == DONE_KEYS
    assert (done["event"], done["map"], done["steps"]) == ("done", str(out), 4)
    assert "fewer than 16 a side" in result.err  # the examples' warnings

    steering_map = SteeringMap.load(out)
    assert steering_map.name == "bright"
    (run,) = RunStore(lineas_home).runs()
    assert (run.record.name, run.record.state, run.record.step) == ("bright", "done", 4)
    assert run.map_path.read_bytes() == out.read_bytes()
    assert f"Run {run.id}" in result.err


def test_train_in_words(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "my map.safetensors"
    result = lineas(*training(folder, out, "--steps", 2))
    assert result.code == 0
    assert "The distance to the concept went from" in result.out
    assert f"lineas generate --map '{out}'" in result.out
    assert "%|" not in result.err  # no bar where there is no terminal


def test_train_shows_a_bar_on_a_terminal(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    assert lineas(*training(folder, tmp_path / "m.safetensors", "--steps", 3)).code == 0
    assert "learning" in screen.getvalue()
    assert "%|" in screen.getvalue()


def test_training_is_reproducible_and_settings_arrive(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.safetensors" for i in range(4)]
    flags = ["--steps", 3, "--sites", "mlp", "--recipe", "thorough", "--support", 50]
    for path, seed in zip(paths, (1, 1, 2), strict=False):
        assert lineas(*training(folder, path, *flags, "--seed", seed)).code == 0
    first, second, _ = (SteeringMap.load(path) for path in paths[:3])
    assert all(site.endswith(".mlp") for site in first.sites)
    assert all(torch.equal(first.shift[site], second.shift[site]) for site in first.sites)
    assert first.support() <= 0.51
    recipe = json.loads(first.metadata["recipe"])
    assert (recipe["recipe"]["name"], recipe["recipe"]["steps"], recipe["seed"]) == ("thorough", 3, 1)


@pytest.mark.parametrize("method", ["mean_act", "prompting"])
def test_train_with_a_rival(lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path, method: str) -> None:
    out = tmp_path / "rival.safetensors"
    result = lineas(*training(folder, out, "--method", method, "--json"))
    assert result.code == 0, result.err
    assert result.lines[-1].keys() == DONE_KEYS
    assert lineas(*asking(folder, out, "--prompt", "the day")).code == 0


def test_train_reads_tables(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "source.csv"
    table.write_text("id,text\n" + "\n".join(f'{i},"{line}"' for i, line in enumerate(SOURCE)), encoding="utf-8")
    lines = tmp_path / "target.jsonl"
    lines.write_text("\n".join(json.dumps({"text": line}) for line in TARGET), encoding="utf-8")
    out = tmp_path / "m.safetensors"
    words = [
        "train",
        "--source",
        table,
        "--target",
        lines,
        "--out",
        out,
        "--model",
        folder / "model",
        "--steps",
        1,
        "--no-check",
    ]
    assert lineas(*words).code == 0
    assert json.loads(SteeringMap.load(out).metadata["examples"])["target"] == len(TARGET)


def test_ctrl_c_leaves_a_run_that_resumes_to_the_same_map(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path
) -> None:
    whole, resumed = tmp_path / "whole.safetensors", tmp_path / "resumed.safetensors"
    steps = ("--steps", 200, "--json")
    running = subprocess.Popen(
        [sys.executable, "-m", "lineas", *map(str, training(folder, resumed, *steps))],
        env=_environment(lineas_home, {}), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a shell may have it ignored
    )  # fmt: skip
    assert running.stdout is not None
    for _ in range(3):
        assert json.loads(running.stdout.readline())["event"] == "step"
    running.send_signal(signal.SIGINT)
    began = time.perf_counter()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert time.perf_counter() - began < 10
    assert '"done"' not in out
    assert "Traceback" not in err
    assert not resumed.exists()

    (run,) = RunStore(lineas_home).runs()
    assert run.record.state == "cancelled"
    command = err.strip().splitlines()[-1].split()
    assert command == ["lineas", "train", "--resume", run.id, "--out", str(resumed)]
    again = lineas(*command[1:], "--no-check", "--json")
    assert again.code == 0, again.err
    assert again.lines[-1]["steps"] == 200
    assert lineas(*training(folder, whole, *steps)).code == 0
    one, other = SteeringMap.load(resumed), SteeringMap.load(whole)
    assert all(torch.equal(one.scale[site], other.scale[site]) for site in one.sites)


def test_resume_by_folder_without_out_and_when_there_is_nothing_to_resume(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*anything: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lineas.training.train", interrupted)
        assert lineas(*training(folder, tmp_path / "m.safetensors", "--steps", 2)).code == 130
    (run,) = RunStore(lineas_home).runs()
    monkeypatch.setenv("LINEAS_HOME", str(tmp_path / "elsewhere"))
    result = lineas("train", "--resume", run.folder, "--no-check", "--json")
    assert result.code == 0, result.err
    assert result.lines[-1]["map"] == str(run.map_path)

    result = lineas("train", "--resume", run.folder, "--no-check")
    assert result.code == 1
    assert "nothing to resume" in result.reason
    result = lineas("train", "--resume", "20000101-000000-abcdef")
    assert result.code == 1
    assert "There is no run '20000101-000000-abcdef'" in result.reason


# ---- generate


def test_generate_keeps_the_contract(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("my ship\nthe sea\n", encoding="utf-8")
    prompts = ["--prompt", "the day", "--prompt-file", tmp_path / "prompts.txt"]
    words = asking(folder, a_map, *prompts, "--strength", 0, 0.5, 1.5, "--json")
    result = lineas(*words)
    assert result.code == 0, result.err
    document = result.document
    assert document.keys() == {"results", "seconds"}
    assert all(row.keys() == {"prompt", "strength", "text", "tokens"} for row in document["results"])
    assert [(row["prompt"], row["strength"]) for row in document["results"]] == [
        (prompt, strength) for prompt in ("the day", "my ship", "the sea") for strength in (0, 0.5, 1.5)
    ]
    assert all(0 < row["tokens"] <= 6 for row in document["results"])
    assert lineas(*words).document["results"] == document["results"]
    assert lineas(*words, "--seed", 5).document["results"] != document["results"]
    plain = [row["text"] for row in document["results"] if row["strength"] == 0]
    assert plain != [row["text"] for row in document["results"] if row["strength"] == 1.5]


def test_generate_in_words(lineas: Lineas, folder: Path, a_map: Path) -> None:
    result = lineas(*asking(folder, a_map, "--prompt", "the day", "--no-chat", "--temperature", 0))
    assert result.code == 0
    assert result.out.startswith("> the day\n\n[strength 0]\n")
    assert "[strength 1]" in result.out


def test_generate_finds_a_concept_by_its_name(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    assert lineas(*training(folder, tmp_path / "Bright Day.safetensors", "--steps", 1)).code == 0
    assert lineas(*asking(folder, "bright day", "--prompt", "the day")).code == 0


def test_a_map_of_other_weights_is_a_warning(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    SteeringMap.load(a_map).with_metadata(base_model_fingerprint="0:0").save(other)
    result = lineas(*asking(folder, other, "--prompt", "the day", "--json"))
    assert result.code == 0
    assert "other weights" in result.err
    assert result.document["results"]


# ---- inspect, compose


def test_inspect(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    document = lineas("inspect", a_map, "--json").document
    assert document.keys() == {"name", "support", "health", "provenance", "sites"}
    assert document["support"] == 1.0
    steering_map = SteeringMap.load(a_map)
    for site in document["sites"]:
        assert site["shift_norm"] == pytest.approx(float(steering_map.shift[site["site"]].norm()))
        assert site["scale_norm"] == pytest.approx(float((steering_map.scale[site["site"]] - 1).norm()))
        assert (site["width"], site["support"]) == (16, 1.0)

    out = tmp_path / "m.safetensors"
    lineas(*training(folder, out, "--steps", 2))
    text = lineas("inspect", out).out
    assert "2 steps" in text or "steps 2" in text
    assert f"source {len(SOURCE)}, target {len(TARGET)}" in text
    row = r"^model\.layers\.\d\.post_attention_layernorm +16 +100.0%( +[\d.e-]+){4}$"
    assert len(re.findall(row, text, re.M)) == 3
    assert lineas("inspect", out, "--json").document["provenance"]["recipe"]["recipe"]["steps"] == 2


def test_inspect_obeys_no_control_characters(lineas: Lineas, a_map: Path, tmp_path: Path) -> None:
    nasty = tmp_path / "nasty.safetensors"
    SteeringMap.load(a_map).with_metadata(name="\x1b[2Jboo", recipe="{not json", metrics='{"sites": [1]}').save(nasty)
    result = lineas("inspect", nasty)
    assert result.code == 0
    assert "\x1b" not in result.out
    assert "boo" in result.out


def test_compose_applies_the_first_then_the_second(lineas: Lineas, a_map: Path, tmp_path: Path) -> None:
    first = SteeringMap.load(a_map)
    second = tmp_path / "a=b.safetensors"
    first.inverse().with_metadata(name="back").save(second)
    out = tmp_path / "mixed.safetensors"
    result = lineas("compose", f"{a_map}=0.7", f"{second}=0.5", "--out", out, "--json")
    assert result.code == 0, result.err
    assert result.document["parts"] == [{"map": str(a_map), "strength": 0.7}, {"map": str(second), "strength": 0.5}]
    wanted = first.at_strength(0.7).then(first.inverse().at_strength(0.5))
    mixed = SteeringMap.load(out)
    for site in first.sites:
        torch.testing.assert_close(mixed.scale[site], wanted.scale[site])
        torch.testing.assert_close(mixed.shift[site], wanted.shift[site])
    assert (mixed.name, mixed.metadata["description"]) == ("mixed", "0.7 × strong + 0.5 × back")
    assert lineas("compose", a_map, "--out", out).code == 0  # alone, at 1
    assert torch.equal(SteeringMap.load(out).shift[first.sites[0]], first.shift[first.sites[0]])


# ---- doctor, fetch, app


def test_doctor(lineas: Lineas, lineas_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    result = lineas("doctor", "--json")
    assert result.code == 0, result.err
    document = result.document
    assert document.keys() == {"versions", "device", "default_model", "home", "hub", "problems"}
    assert document["problems"] == []
    assert document["home"]["folder"] == str(lineas_home)
    assert document["home"]["writable"] is True
    assert document["default_model"]["present"] is False
    assert document["hub"]["reachable"] is False
    text = lineas("doctor").out
    assert str(lineas_home) in text
    assert "'lineas fetch'" in text


def test_doctor_never_hangs(lineas: Lineas, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call and says nothing
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr("lineas.cli.doctor.HUB_SECONDS", 0.3)
        began = time.perf_counter()
        assert lineas("doctor", "--json").document["hub"]["reachable"] is False
        assert time.perf_counter() - began < 10


def test_doctor_fails_where_nothing_can_be_kept(
    lineas: Lineas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LINEAS_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    result = lineas("doctor", "--json")
    assert result.code == 1
    assert result.document["home"]["writable"] is False
    assert str(tmp_path / "file" / "home") in result.reason


def test_fetch_says_where_the_model_is(lineas: Lineas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(progress: Callable[[str, float | None], None]) -> Path:
        progress("Fetching …", 0.5)
        return tmp_path

    monkeypatch.setattr("lineas.model.default.fetch_default", fetch)
    assert lineas("fetch", "--json").document == {"model": "default", "folder": str(tmp_path)}
    assert str(tmp_path) in lineas("fetch").out


def test_app_takes_the_studios_flags(lineas: Lineas, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, object]] = []

    def launch(*, model: str = "default", host: str = "", port: int = 0) -> None:
        print("words for people")
        started.append({"model": model, "host": host, "port": port})

    monkeypatch.setattr(app, "launch", launch)
    result = lineas("app", "--port", 8123, "--model", "here", "--json")
    assert result.code == 0
    assert result.lines == [{"event": "starting", "url": "http://127.0.0.1:8123/"}]
    assert "words for people" in result.err
    assert started == [{"model": "here", "host": "127.0.0.1", "port": 8123}]


def test_app_on_a_busy_port(lineas: Lineas) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = lineas("app", "--port", port)
    assert result.code == 1
    assert str(port) in result.reason
    assert "Traceback" not in result.err


# ---- bad input


def test_bad_maps(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    steering_map = SteeringMap.load(a_map)
    site = steering_map.sites[0]
    nan, other, cut = (tmp_path / f"{name}.safetensors" for name in ("nan", "other", "cut"))
    SteeringMap({**steering_map.scale, site: torch.full((16,), torch.nan)}, steering_map.shift).save(nan)
    SteeringMap.identity({"model.layers.0.post_attention_layernorm": 8}, {"base_model": "Qwen"}).save(other)
    cut.write_bytes(a_map.read_bytes()[:300])
    for path, words in (
        (tmp_path / "none.safetensors", "There is no"),
        ("no-such-concept", "no concept 'no-such-concept'"),
        (nan, "not numbers"),
        (cut, "cannot be used"),
        (other, "does not fit"),
    ):
        result = lineas(*asking(folder, path, "--prompt", "the day", "--json"))
        assert (result.code, result.out) == (1, ""), path
        assert words in result.reason
        assert Path(path).name in result.reason or path == other
        assert "Traceback" not in result.err
        if path != other:
            assert lineas("inspect", path).code == 1
    assert lineas("compose", a_map, other, "--out", tmp_path / "x.safetensors").code == 1
    assert not (tmp_path / "x.safetensors").exists()


def test_bad_training_input_leaves_no_run_behind(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path
) -> None:
    out = tmp_path / "m.safetensors"
    (tmp_path / "file").touch()
    (tmp_path / "few.txt").write_text("one sentence here\nand another one\nthree", encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "empty.txt").touch()
    (tmp_path / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    model = ("--model", folder / "model")
    for words, told in (
        (training(folder, out, "--sites", "nowhere"), "'nowhere'"),
        (training(folder, tmp_path / "file" / "m.safetensors"), str(tmp_path / "file" / "m.safetensors")),
        (training(folder, tmp_path), "is a folder"),
        (["train", "--source", tmp_path / "gone.txt", "--target", tmp_path / "few.txt", "--out", out], "gone.txt"),
        (["train", "--source", tmp_path / "few.txt", "--target", folder / "target.txt", "--out", out], "at least 4"),
        (["train", "--source", tmp_path / "binary.txt", "--target", folder / "target.txt", "--out", out], "binary.txt"),
        (["train", "--source", tmp_path / "empty.txt", "--target", folder / "target.txt", "--out", out], "empty.txt"),
        (["train", "--source", tmp_path / "table.csv", "--target", folder / "target.txt", "--out", out], "table.csv"),
        (["train", *training(folder, out)[1:5], "--out", out, "--model", tmp_path / "no-model"], "no-model"),
    ):  # fmt: skip
        result = lineas(*words, *(() if "--model" in words else model))
        assert (result.code, result.out) == (1, ""), words
        assert told in result.reason
        assert len(result.reason) < 700
        assert "Traceback" not in result.err
    assert RunStore(lineas_home).runs() == []
    assert not out.exists()
    unknown = lineas(*training(folder, out, "--method", "magic"))
    assert unknown.code == 2
    assert "mean_act" in unknown.reason


def test_a_home_that_cannot_be_written(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LINEAS_HOME", str(tmp_path / "file" / "home"))
    result = lineas(*training(folder, tmp_path / "m.safetensors"))
    assert result.code == 1
    assert "LINEAS_HOME" in result.reason


def test_a_map_that_cannot_be_written_in_the_end_is_not_lost(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "new" / "m.safetensors"
    real = train._warn
    monkeypatch.setattr(train, "_warn", lambda *things: (shutil.rmtree(out.parent), real(*things)))
    result = lineas(*training(folder, out, "--steps", 1))
    assert result.code == 1
    (run,) = RunStore(lineas_home).runs()
    assert str(run.map_path) in result.reason
    assert run.map_path.exists()


def test_a_failing_training_says_why_and_how_to_go_on(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lineas_home: Path
) -> None:
    def failing(*anything: object, **more: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")

    monkeypatch.setattr("lineas.training.train", failing)
    result = lineas(*training(folder, tmp_path / "m.safetensors"))
    assert result.code == 1
    (run,) = RunStore(lineas_home).runs()
    assert "ran out of memory" in result.reason
    assert f"lineas train --resume {run.id}" in result.reason


def test_a_fault_of_the_program_shows_where(lineas: Lineas, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*anything: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("lineas.cli.inspect.load_map", faulty)
    result = lineas("inspect", "m")
    assert result.code == 1
    assert "Traceback" in result.err
    assert result.reason.startswith("lineas: ")
    assert "ZeroDivisionError: oh" in result.reason


# ---- real processes


def test_a_process_of_its_own(folder: Path, a_map: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = process("inspect", a_map, "--json", home=home)
    assert (done.code, done.err, done.document["name"]) == (0, "", "strong")
    failed = process("inspect", "none.safetensors", home=home)
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith("lineas: There is no map file at 'none.safetensors'")
    spoken = process(*asking(folder, a_map, "--prompt", "the day"), home=home, PYTHONIOENCODING="ascii")
    assert (spoken.code, spoken.err) == (0, "")


def test_a_reader_that_goes_away(a_map: Path, tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m lineas inspect '{a_map}' | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=_environment(tmp_path, {}), capture_output=True, text=True
    )
    assert done.returncode in (0, 1)
    assert done.stderr == ""

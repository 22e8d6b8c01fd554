"""A comparison in files and as code. The code is run and prints what the page showed."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from tiny import SOURCE, TARGET

from lineas import cli
from lineas.generation.generate import generate
from lineas.generation.prompts import Row, concept_row
from lineas.models.loaded import LoadedModel
from lineas.steering.map import SteeringMap
from lineas.training.trainer import fit
from lineas.ui import text as ui_text
from lineas.ui.components.question import sampling
from lineas.ui.pages.compare import record, share
from lineas.ui.pages.compare.record import Exchange, Question, TimedAnswer

NASTY = 'It\'s "mine" \\ $HOME `x` ${y} {{z}}\n-- # not a heading <img src=x onerror=alert(1)> 🏴‍☠️ \u202e'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_model: LoadedModel) -> Path:
    """A tiny model and a map of it on disk, in a folder whose name needs quoting."""
    folder = tmp_path_factory.mktemp("it's here")
    tiny_model.network.save_pretrained(folder / "model")
    tiny_model.tokenizer.save_pretrained(folder / "model")
    fit(tiny_model, SOURCE, TARGET, "quick", name="bright").save(folder / "bright.safetensors")
    return folder


def said_by(model: LoadedModel, folder: Path, asked: Question) -> list[str]:
    """The answers on Compare."""
    steering_map = SteeringMap.load(folder / "bright.safetensors")
    system = asked.system or None
    rows = [Row(None, 0.0, system), concept_row(steering_map, asked.strength, asked.mode, asked.instruction, system)]
    sampled = sampling(asked.seed, asked.max_new_tokens, asked.temperature, "chat" if asked.chat else "plain")
    [answers] = generate(model, [asked.prompt], [*rows, *asked.extra_rows()], sampled)
    return [answer.text for answer in answers]


QUESTIONS = [
    Question("your day", "run:1", 1.5, seed=3, max_new_tokens=12),
    Question(
        "-the 'day' \"was\"\n$HOME",
        "run:1",
        0.5,
        system="I 'like' the sea",
        instruction='be "bright"',
        seed=4,
        max_new_tokens=9,
    ),
    Question("the day was", "run:1", 1.0, temperature=0, chat=False, max_new_tokens=7),
    Question("your day", "run:1", 0.5, instruction="be 'bright'\nor not", seed=2, max_new_tokens=8, mode="both"),
    Question("your day", "run:1", 1.0, "my ship", "-be good", max_new_tokens=8, mode="say", third=False),
    Question("your day", "run:1", 0.0, instruction="be good", max_new_tokens=8, mode="both", third=False),
]


@pytest.mark.parametrize("asked", QUESTIONS)
def test_the_python_code_prints_the_answers_of_the_page(
    folder: Path, tiny_model: LoadedModel, asked: Question, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(record.python_code(asked, str(folder / "model"), folder / "bright.safetensors"), {})
    expected = said_by(tiny_model, folder, asked)
    names = ("original", "steered", "instructed")[: len(expected)]
    assert capsys.readouterr().out == "".join(f"{n}: {text}\n\n" for n, text in zip(names, expected, strict=True))
    assert len(expected) == (3 if asked.instruction and asked.third else 2)


@pytest.mark.parametrize("asked", QUESTIONS)
def test_the_command_prints_the_answers_of_the_page(
    folder: Path, tiny_model: LoadedModel, asked: Question, capfd: pytest.CaptureFixture[str]
) -> None:
    command = record.command(asked, str(folder / "model"), folder / "bright.safetensors")
    shell = f"python() {{ printf '%s\\0' \"$@\"; }}; {command}"  # prints the words that Python would get
    words = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True).stdout.split("\0")
    assert words[:3] == ["-m", "lineas", "generate"]
    assert cli.main([*words[2:-1], "--json"]) == 0
    results = json.loads(capfd.readouterr().out)["results"]
    assert [result["strength"] for result in results] == [0.0, asked.strength or 1.0]
    assert [result["text"] for result in results] == said_by(tiny_model, folder, asked)[:2]


def test_strength_zero_is_listed_once() -> None:
    assert record.command(Question("x", "c", 0.0), "default", Path("c")).endswith("--strength 0\n")
    assert "--model" not in record.command(Question("x", "c"), "default", Path("c"))


def exchange(text: str = "Arr!", wish: str = "") -> Exchange:
    answers = (TimedAnswer("Original", "Good day.", 3, 0.5), TimedAnswer("With “x” at 1", text, 12, 1.1))
    return Exchange(
        Question(text, "run:1", 1.0, system=text, instruction=wish),
        f"x {text}",
        "default",
        answers,
        "2026-01-02T03:04:05+00:00",
    )


def test_json_holds_everything() -> None:
    kept = json.loads(record.as_json(exchange(NASTY, wish="Talk like it.")))
    assert kept["format"] == "lineas-comparison" and kept["question"]["prompt"] == NASTY
    assert kept["question"]["wish"] == "Talk like it." and kept["question"]["seed"] == 0
    assert (kept["question"]["length"], kept["question"]["variety"]) == (80, 0.7)
    assert [answer["text"] for answer in kept["answers"]] == ["Good day.", NASTY]
    assert kept["model"] == "default" and kept["when"].startswith("2026")


def test_files_say_how_the_model_got_the_concept() -> None:
    shown = exchange(wish="Talk like it.")
    assert not {"mode", "third"} & set(json.loads(record.as_json(shown))["question"])
    assert ui_text.FILE_SAY_SHOW not in record.as_markdown(shown)
    both = replace(shown, question=replace(shown.question, mode="both", third=False))
    kept = json.loads(record.as_json(both))["question"]
    assert (kept["mode"], kept["third"], kept["wish"]) == ("both", False, "Talk like it.")
    text = record.as_markdown(both)
    assert (
        "Concept given by: an instruction and steering" in text and "Strength: 1" in text and "Talk like it." in text
    )
    said = record.as_markdown(replace(both, question=replace(both.question, mode="say")))
    assert "an instruction only" in said and "Strength" not in said


def test_the_address_for_curl_has_the_path_of_a_studio_behind_another_server() -> None:
    for headers, expected in (
        ({"host": "127.0.0.1:7870"}, "http://127.0.0.1:7870"),
        ({"host": "h", "origin": "https://h"}, "https://h"),
        ({"host": "h", "origin": "https://h", "referer": "https://h/studio/?concept=Pirate#x"}, "https://h/studio/"),
    ):
        assert share.address(headers) == expected


def test_curl_sends_what_older_studios_take_where_the_concept_is_shown() -> None:
    asked = Question("your day", "run:1", instruction="be good")
    assert record.curl(asked, "http://x").count("true]") == 1 and '"show"' not in record.curl(asked, "http://x")
    assert '0.7, true, "both", false]' in record.curl(replace(asked, mode="both", third=False), "http://x")


def test_markdown_shows_texts_as_they_were_written() -> None:
    text = record.as_markdown(exchange(NASTY))
    tokens = MarkdownIt().parse(text)
    blocks = [token.content for token in tokens if token.type == "code_block"]
    assert [block.rstrip("\n") for block in blocks] == [NASTY, NASTY, "Good day.", NASTY]
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", "h2", "h2", "h2", "h2"]
    assert not any(token.type == "html_block" for token in tokens)
    assert "Strength: 1" in text and "12 tokens" in text and ui_text.INSTRUCTION not in text


def test_a_file_name_works_on_every_system() -> None:
    stem = exchange("../../etc: *?\u202e").file_stem
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") and "20260102" not in stem.partition("-2026")[0]
    assert Exchange(Question("x"), "", "default", (), "2026").file_stem == "comparison-plain-2026"


def test_a_short_answer_has_no_speed() -> None:
    assert TimedAnswer("x", "…", 11, 2.0).speed == 5.0
    assert TimedAnswer("x", "…", 2, 2.0).speed is None and TimedAnswer("x", "…", 50, 0.0).speed is None

"""A comparison in files and as code. The code is run: what it prints is what the page had said."""

import json
import shlex
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from tiny import SOURCE, TARGET

from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.models.loaded import LoadedModel
from lineas.steering.map import SteeringMap
from lineas.training.trainer import fit
from lineas.ui import text as ui_text
from lineas.ui.components.question import sampling
from lineas.ui.pages.compare import record
from lineas.ui.pages.compare.record import Exchange, Question, TimedAnswer
from lineas.ui.pages.compare.render import difference, mark

ROOT = Path(__file__).parents[2]
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
    """What Compare says."""
    steering_map = SteeringMap.load(folder / "bright.safetensors")
    rows = [Row(None, 0.0, asked.system or None), Row(steering_map, asked.strength, asked.system or None)]
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
]


@pytest.mark.parametrize("asked", QUESTIONS)
def test_the_python_code_says_what_the_page_says(folder: Path, tiny_model: LoadedModel, asked: Question) -> None:
    code = record.python_code(asked, str(folder / "model"), folder / "bright.safetensors")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    expected = said_by(tiny_model, folder, asked)
    assert done.stdout == "".join(
        f"{name}: {text}\n\n" for name, text in zip(("original", "steered", "instructed"), expected, strict=False)
    )
    assert len(expected) == (3 if asked.instruction else 2)


@pytest.mark.parametrize("asked", QUESTIONS)
def test_the_command_says_what_the_page_says(folder: Path, tiny_model: LoadedModel, asked: Question) -> None:
    command = record.command(asked, str(folder / "model"), folder / "bright.safetensors")
    assert command.startswith("python -m lineas generate")
    command = command.replace("python", shlex.quote(sys.executable), 1).rstrip() + " --json"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert [result["strength"] for result in results] == [0.0, asked.strength]
    assert [result["text"] for result in results] == said_by(tiny_model, folder, asked)[:2]


def test_strength_zero_is_asked_for_once() -> None:
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


def test_json_holds_all_of_it() -> None:
    kept = json.loads(record.as_json(exchange(NASTY, wish="Talk like it.")))
    assert kept["format"] == "lineas-comparison" and kept["question"]["prompt"] == NASTY
    assert kept["question"]["wish"] == "Talk like it." and kept["question"]["seed"] == 0
    assert (kept["question"]["length"], kept["question"]["variety"]) == (80, 0.7)
    assert [answer["text"] for answer in kept["answers"]] == ["Good day.", NASTY]
    assert kept["model"] == "default" and kept["when"].startswith("2026")


def test_markdown_shows_what_was_written_and_nothing_else() -> None:
    text = record.as_markdown(exchange(NASTY))
    tokens = MarkdownIt().parse(text)
    blocks = [token.content for token in tokens if token.type == "code_block"]
    assert [block.rstrip("\n") for block in blocks] == [NASTY, NASTY, "Good day.", NASTY]
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", "h2", "h2", "h2", "h2"]
    assert not any(token.type == "html_block" for token in tokens)
    assert "Strength: 1" in text and "12 tokens" in text and ui_text.INSTRUCTION not in text


def test_a_file_name_is_one_anywhere() -> None:
    stem = exchange("../../etc: *?\u202e").file_stem
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") and "20260102" not in stem.partition("-2026")[0]
    assert Exchange(Question("x"), "", "default", (), "2026").file_stem == "comparison-plain-2026"


def test_speed_is_no_guess() -> None:
    assert TimedAnswer("x", "…", 11, 2.0).speed == 5.0
    assert TimedAnswer("x", "…", 2, 2.0).speed is None and TimedAnswer("x", "…", 50, 0.0).speed is None


# ---- what changed


def test_words_that_the_other_has_not_are_marked() -> None:
    plain, steered = mark(["I went to the market today.", "Arr, I sailed to the Market, matey!"])
    assert plain == "I <mark>went</mark> to the market <mark>today.</mark>"
    assert steered == "<mark>Arr,</mark> I <mark>sailed</mark> to the Market, <mark>matey!</mark>"


def test_a_mark_ends_with_its_line() -> None:
    assert mark(["one two\n\nthree", "four"])[0] == "<mark>one two</mark>\n\n<mark>three</mark>"


def test_marks_keep_the_text_and_escape_it() -> None:
    texts = ["a <b>b</b>\n\n  c ${x}", "<img src=x onerror=y>  a  c\n&", "a told"]
    for html, text in zip(mark(texts), texts, strict=True):
        assert html is not None and "<img" not in html and "<b>" not in html
        assert unescape(html.replace("<mark>", "").replace("</mark>", "")) == text


def test_how_much_is_different_in_words() -> None:
    assert difference(["a b c", "A, b c."]) == "Both answers are the same, word for word."
    assert difference(["a b c d", "a x c y z"]).startswith("3 of 5 words")
    assert difference(["a b", "a c"]).startswith("1 of 2 words in the steered answer is")
    assert difference(["only one"]) == "" and mark(["", "x"]) == [None, None]


def test_words_that_are_only_left_out_make_no_same_answer() -> None:
    assert difference(["a b c", "a c"]) == "Nothing is new in the steered answer; 1 word of the original is left out."
    assert difference(["a b c d", "d"]).endswith("3 words of the original are left out.")
    assert difference(["a b", ""]).endswith("2 words of the original are left out.")


def test_long_answers_are_marked_at_once() -> None:
    words_ = [str(i % 97) for i in range(400)]
    assert mark([" ".join(words_), " ".join(reversed(words_))])

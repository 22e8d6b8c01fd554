"""The sentences of all languages: each has what English has, and the pages are in the language of their reader."""

import inspect
import re
from string import Formatter
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pytest
from small_presets import PRESETS

from lineas.data.checks import check_examples
from lineas.evaluation import health
from lineas.evaluation.findings import Interval, StrengthPoint
from lineas.evaluation.verdict import TITLES, judgement
from lineas.service.pictures import SIDES
from lineas.ui import text as ui_text
from lineas.ui.context import Context
from lineas.ui.language import COOKIE, wanted
from lineas.ui.studio import build

OTHERS = sorted(ui_text.LANGUAGES.keys() - {ui_text.ENGLISH})
SAME = {
    "de": {
        "APP", "CARD_FOOT", "DATASET_NAME_HINT_HUB", "DEFAULT_INSTRUCTION", "DEFAULT_MODEL", "CONCEPTS_NAME", "FACT_DOWNLOAD",
        "INSIDE_METHODS", "MIX_PAIR", "MODELS_OTHER_HINT_HUB", "MODELS_SUGGESTIONS", "ORIGINAL", "PROMPTS", "STEP_CHOICES",
        "TOP_CHOICES",
    }
}  # fmt: skip
"""Names whose sentence is the same as in English."""


def named(language: ModuleType) -> dict[str, Any]:
    """The public sentences and functions of a language."""
    own = {
        name: value
        for name, value in vars(language).items()
        if not name.startswith("_") and (name.isupper() or inspect.isfunction(value))
    }
    return {name: value for name, value in own.items() if not inspect.isfunction(value) or _ours(value)}


def _ours(function: Any) -> bool:
    return bool(function.__module__.startswith("lineas.ui.text."))


def leaves(value: Any) -> list[Any]:
    """The single sentences, numbers and keys in a value, in order."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in (f"key {key}", *leaves(inner))]
    if isinstance(value, list | tuple):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [value]


def shape(value: Any) -> list[Any]:
    """What a translation must keep: keys, numbers, and the names in braces."""
    return [
        sorted((name, form) for _, name, form, _ in Formatter().parse(leaf) if name)
        if isinstance(leaf, str) and not leaf.startswith("key ")
        else leaf
        for leaf in leaves(value)
    ]


def choices(value: Any) -> list[Any]:
    """The second of each pair: what a list of choices sends."""
    pairs = (
        [pair[1] for pair in value if isinstance(pair, tuple) and len(pair) == 2] if isinstance(value, list) else []
    )
    return [sent for sent in pairs if not isinstance(sent, str) or " " not in sent]


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_has_every_sentence(code: str) -> None:
    english, translated = named(ui_text.edition(ui_text.ENGLISH)), named(ui_text.edition(code))
    assert len(english) > 300
    assert translated.keys() ^ english.keys() == set(), "missing here or there"
    wrong = []
    for name, value in english.items():
        here = translated[name]
        if inspect.isfunction(value):
            if inspect.signature(value) != inspect.signature(here) or not here.__module__.startswith(
                ui_text.edition(code).__name__
            ):
                wrong.append(f"{name}: another signature, or not translated")
        elif type(value) is not type(here) or shape(value) != shape(here) or choices(value) != choices(here):
            wrong.append(f"{name}: other names in braces, keys or numbers")
        elif (value == here) != (name in SAME[code]):
            wrong.append(f"{name}: {'not translated' if value == here else 'not the same, so not on the list'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("code", OTHERS)
def test_the_page_in_a_language_is_the_same_page(code: str) -> None:
    """Nothing on it is in English because it was read when a module was imported."""
    blocks = build(Context(MagicMock(), PRESETS))
    here = blocks.config
    with ui_text.speaking(code):
        there = blocks.config
        assert blocks.config is there
    assert blocks.config is here
    for part, key in (("components", "id"), ("dependencies", "targets"), ("components", "type")):
        assert [one[key] for one in here[part]] == [one[key] for one in there[part]]
    assert here["layout"] == there["layout"]
    english, translated = (
        set(map(str, leaves([*named(ui_text.edition(c)).values()]))) for c in (ui_text.ENGLISH, code)
    )
    shown = list(map(str, leaves([component["props"] for component in there["components"]])))
    assert (english - translated) & set(shown) == set()
    inside = "\n".join(shown)  # sentences in a piece of HTML
    assert [one for one in english - translated if " " in one and one in inside] == []


def test_verdicts_have_their_titles() -> None:
    assert ui_text.VERDICTS == TITLES


def test_the_language_of_a_request() -> None:
    for accepted, chosen, expected in (
        ("", "", "en"),
        ("de-DE,de;q=0.9,en;q=0.8", "", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "", "en"),
        ("fr, de;q=0.5", "", "de"),
        ("en;q=0.3, DE-at ; q=0.7", "", "de"),
        ("de;q=0, fr", "", "en"),
        ("*", "", "en"),
        ("de;q=lots, en;q=1.2.3, \x00;;q", "", "en"),
        ("de", f"a=b; {COOKIE}=en", "en"),
        ("en", f"{COOKIE}=de", "de"),
        ("en", f"{COOKIE}=xx", "en"),
        ("de", f'{COOKIE}="; =; \x01', "de"),
        ("en", f'theme={{"mode": "dark"}}; n=é; {COOKIE}=de', "de"),  # of other programs on this computer
        ("a" + " " * 60_000 + "b", "", "en"),  # at once
    ):
        headers = {"accept-language": accepted, "cookie": chosen}
        assert wanted({name: value for name, value in headers.items() if value}) == expected, (accepted, chosen)


def test_german_numbers_and_plurals() -> None:
    with ui_text.speaking("de"):
        assert ui_text.with_concept("both", "Pirat", 0.75) == "Mit „Pirat“ bei 0,75 und als Anweisung"
        assert ui_text.numbers_moved(1234, 5000, 0.2468) == "1.234 von 5.000 (25\u00a0%)"
        assert ui_text.sentences(1, 2, 1) == "1 Satz · 2 Wiederholungen weggelassen · 1 Entwurf"
        assert ui_text.day("2026-03-05T12:00:00") == "5. März 2026"
    assert ui_text.with_concept("show", "Pirate", 0.75) == "With “Pirate” at 0.75"


def test_what_the_library_says_is_known_in_german() -> None:
    """Warnings about sentences and reasons of verdicts, as the library words them today."""
    plain = [f"Der Markt an Tag {number} war ruhig und hell." for number in range(12)]
    loud = [f"DER MARKT AN TAG {number} WAR RUHIG UND HELL!" for number in range(12)]
    pairs = (
        ([], plain), (plain, plain), (plain, [*loud, plain[0]]), (plain[:2], loud), (plain[:6], loud[:6]), (plain, loud[:5]),
        (plain, [f"Ja {number}!" for number in range(12)]), ([f"Meereswellen {text}" for text in plain], loud),
    )  # fmt: skip
    names = ("How it talks now", "How you want it to talk")
    said = [finding.message for source, target in pairs for finding in check_examples(source, target, names=names)]
    rise = Interval(0.2, 0.1, 0.3)
    for changes in ({}, {"fluency": 0.1}, {"added_repetition": 0.9}, {"relevance": 0.1}):
        measured = {
            "strength": 0.75,
            "effect": 0.5,
            "relevance": 0.9,
            "fluency": 0.9,
            "added_repetition": 0.0,
        } | changes
        point = StrengthPoint(**measured)
        for plain_score, gain in ((rise, rise), (None, None), (rise, Interval(0, -0.1, 0.1))):
            said += [
                judgement(point, empty, plain_score, gain, 0.5, told=told).reason
                for empty in (0, 0.5)
                for told in (True, False)
            ]
    for source, target in pairs:
        found = check_examples(source, target, names=SIDES)
        said += [finding.message for finding in found if finding.severity == "error"]
    with ui_text.speaking("de"):
        for sentence in said:
            german = ui_text.from_library(sentence)
            words = set(german.replace(".", " ").replace(",", " ").split())
            assert not words & {"the", "The", "and", "of", "is", "are", "at", "At", "your"}, german
        assert ui_text.from_library("Loading the built-in model …") == "Das eingebaute Modell wird geladen …"
        checking = re.findall(r'"([A-Z][^"]+ …)"', inspect.getsource(health))
        assert len(checking) == 5 and all(ui_text.from_library(said) != said for said in checking)
        few = check_examples(plain[:3], loud[:3], names=names)[0].message
        assert ui_text.from_library(few).startswith(
            "Verschiedene Sätze: 3 in „So redet es jetzt“, 3 in „So soll es reden“. Mindestens 4 pro Seite sind nötig"
        )
        missing = "Could not load 'a/b-1.5'. There is no model to work with. No model is loaded. Load one on the Model page first."
        assert ui_text.from_library(missing) == (
            "'a/b-1.5' ließ sich nicht laden. Es ist kein Modell da. Es ist kein Modell geladen. Lade zuerst eines auf der Seite "
            "„Modell“."
        )
        assert ui_text.from_library("“the market” stands on both sides.") == "“the market” stands on both sides."

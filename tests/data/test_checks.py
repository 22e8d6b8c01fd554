"""Checks of examples: silent on ordinary sentences, clear about what spoils a concept."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineas.data import Finding, Preset, check_examples, load_presets, parse_text

PLACES = [
    "the garden",
    "my office",
    "the old harbour",
    "our kitchen",
    "the library",
    "a small shop",
    "the station",
    "her room",
]
PLAIN = [
    sentence.format(place)
    for place in PLACES
    for sentence in (
        "I was in {} for most of the day.",
        "We met them in {} last week.",
        "There is a chair in {} near the window.",
        "She works in {} until five.",
    )
]
MERRY = [
    sentence.format(place)
    for place in PLACES
    for sentence in (
        "How lovely it was in {}, I sang all day.",
        "Joy waits for us in {}, as it always does.",
        "We danced through {}, and then we laughed.",
        "Nothing beats {}, it makes me smile.",
    )
]


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def test_thirty_two_ordinary_sentences_per_side_give_no_finding() -> None:
    assert len(PLAIN) == len(MERRY) == 32
    assert check_examples(PLAIN, MERRY) == []


@pytest.mark.parametrize("preset", load_presets(), ids=lambda preset: preset.id)
def test_presets_give_at_most_one_warning_and_survive_parsing(preset: Preset) -> None:
    findings = check_examples(preset.source, preset.target)
    assert all(finding.severity == "warning" for finding in findings)
    assert len(findings) <= (2 if preset.id == "terse" else 1), findings
    assert parse_text("\n".join(preset.source)) == list(preset.source)
    assert parse_text("\n".join(preset.target)) == list(preset.target)


def test_two_samples_of_the_same_sentences_hardly_ever_differ_in_a_habit() -> None:
    draw = random.Random(0)
    mixed = [*PLAIN, *MERRY, "Why?", "No way!", "Is that so, my dear old friend from the city by the sea?", "well, ok"]
    alarms = 0
    for _ in range(200):
        size = draw.choice([4, 8, 16, 32])
        found = check_examples(draw.sample(mixed, size), draw.sample(mixed, size))
        alarms += any(finding.code in ("lengths", "punctuation", "capitals", "short") for finding in found)
    assert alarms <= 4


def test_an_empty_side_is_named() -> None:
    finding = only(check_examples(PLAIN, ["  ", ""], names=("How it talks now", "How you want it to talk")))
    assert (finding.code, finding.severity) == ("empty", "error")
    assert finding.message.startswith("“How you want it to talk” has no sentences.")
    assert codes(check_examples([], [])) == ["empty", "empty"]


@pytest.mark.parametrize(
    ("source", "target", "figures"),
    [
        (PLAIN[:3], MERRY, "“source” has 3 different sentences, “target” has 32; at least 4 a side are needed"),
        (PLAIN, MERRY[:1] * 9, "“source” has 32 different sentences, “target” has 1; at least 4 a side are needed"),
        (PLAIN[:1], MERRY[:2], "“source” has 1 different sentence, “target” has 2; at least 4 a side are needed"),
    ],
)
def test_fewer_than_four_is_an_error(source: list[str], target: list[str], figures: str) -> None:
    finding = only(check_examples(source, target))
    assert (finding.code, finding.severity) == ("too_few", "error")
    assert figures in finding.message


def test_four_are_enough_to_try() -> None:
    finding = only(check_examples(PLAIN[:4], MERRY[:4]))
    assert (finding.code, finding.severity) == ("few", "warning")
    assert "“source” has 4 different sentences, “target” has 4" in finding.message


def test_the_same_list_twice_is_an_error_in_any_order() -> None:
    finding = only(check_examples(PLAIN, list(reversed(PLAIN))))
    assert (finding.code, finding.severity) == ("identical", "error")
    assert "Your examples do not differ" in finding.message
    assert PLAIN[0] in finding.message


def test_the_same_sentences_in_capitals_are_a_concept() -> None:
    finding = only(check_examples(PLAIN, [sentence.upper() for sentence in PLAIN]))
    assert (finding.code, finding.severity) == ("capitals", "warning")
    assert "0 of 32 are in capitals throughout in “source”, 32 of 32 in “target”" in finding.message


def test_a_sentence_on_both_sides_is_quoted() -> None:
    finding = only(check_examples(PLAIN, [*MERRY, PLAIN[5]]))
    assert (finding.code, finding.severity) == ("shared", "warning")
    assert f"“{PLAIN[5]}” stands on both sides" in finding.message
    assert "(and 2 other sentences) stand on both sides" in only(check_examples(PLAIN, [*MERRY, *PLAIN[:3]])).message


def test_very_unequal_counts() -> None:
    many = [sentence.replace("my", f"my {number}.") for number in range(5) for sentence in PLAIN] + PLAIN
    finding = only(check_examples([f"{n} {s}" for n in ("Once", "Then", "Now", "So") for s in many], MERRY[:16]))
    assert finding.code == "unequal"
    assert "Add sentences to “target”" in finding.message


def test_very_short_sentences() -> None:
    found = check_examples(PLAIN, [f"Aye, {word}." for word in map(str, range(20))])
    assert set(codes(found)) == {"short", "lengths"}
    assert "a typical one has 2 words, as in “Aye, 0.”" in next(f.message for f in found if f.code == "short")


def test_different_lengths_give_both_figures() -> None:
    long = [
        f"{sentence[:-1]} and that is how it went on and on until the very end of the whole long day."
        for sentence in MERRY
    ]
    found = check_examples(PLAIN, long)
    assert codes(found) == ["lengths", "topic"]  # and they all say the same at their end
    assert "28.5 words in “target” and 9.5 in “source”" in found[0].message


def test_a_topic_of_one_side_is_named() -> None:
    about_bread = [sentence if i % 2 else f"{sentence[:-1]} with fresh bread." for i, sentence in enumerate(MERRY)]
    finding = only(check_examples(PLAIN, about_bread))
    assert finding.code == "topic" and finding.severity == "warning"
    assert "is in 16 of 32 sentences in “target”, and in 0 of 32 in “source”" in finding.message
    assert "various things" in finding.message
    swapped = only(check_examples(about_bread, PLAIN))
    assert "is in 16 of 32 sentences in “source”" in swapped.message


def test_a_word_that_both_sides_or_few_sentences_have_is_no_topic() -> None:
    some = [sentence if i % 4 else f"{sentence[:-1]} with bread." for i, sentence in enumerate(MERRY)]
    assert check_examples(PLAIN, some) == []
    both = [[f"{sentence[:-1]} with bread." for sentence in side] for side in (PLAIN, MERRY)]
    assert check_examples(*both) == []


@pytest.mark.parametrize(
    ("change", "code", "figures"),
    [
        (lambda s: s[:-1] + "!", "punctuation", "32 of 32 end in a full stop in “source”, 0 of 32 in “target”"),
        (lambda s: s[:-1] + "?”", "punctuation", "32 of 32 end in a full stop in “source”, 0 of 32 in “target”"),
        (lambda s: s[:-1], "punctuation", "32 of 32 end in a full stop in “source”, 0 of 32 in “target”"),
        (lambda s: s[:-1] + "...", "punctuation", "32 of 32 end in a full stop in “source”, 0 of 32 in “target”"),
        (lambda s: s[:-1] + " 😀", "punctuation", "32 of 32 end in a full stop in “source”, 0 of 32 in “target”"),
        (lambda s: s[0].lower() + s[1:], "capitals", "begin with a small letter in “source”, 32 of 32 in “target”"),
        (str.upper, "capitals", "0 of 32 are in capitals throughout in “source”, 32 of 32 in “target”"),
    ],
    ids=["!", "?", "nothing", "...", "emoji", "small letters", "capitals"],
)
def test_habits_that_differ(change: Callable[[str], str], code: str, figures: str) -> None:
    finding = only(check_examples(PLAIN, [change(sentence) for sentence in MERRY]))
    assert (finding.code, finding.severity) == (code, "warning")
    assert figures in finding.message


def test_emoji_and_quotation_marks_after_the_full_stop_do_not_hide_it() -> None:
    assert check_examples(PLAIN, [f"{sentence}” 😀" for sentence in MERRY]) == []


def test_scripts_without_capitals_or_spaces_give_no_finding() -> None:
    chinese = [f"我昨天在{place}里看书，天气很好。" for place in "家店院园屋楼城村校船车海山河湖街"]
    assert check_examples(chinese, [sentence.replace("我", "她") for sentence in chinese]) == []


class Letters:
    """A tokenizer with one token per character; refuses to be asked about short sentences."""

    def __call__(self, text: list[str], /, *, verbose: bool) -> dict[str, list[list[int]]]:
        assert not verbose
        return {"input_ids": [list(range(len(sentence))) for sentence in text]}


def test_sentences_that_would_be_cut_are_counted_and_quoted() -> None:
    long = "This one goes on, " * 10 + "and ends."
    found = check_examples([*PLAIN, long], MERRY, tokenizer=Letters(), max_tokens=100)
    assert only(found).code == "truncated"
    assert "1 sentence of 33 in “source” will be cut after 100 tokens" in only(found).message
    assert "such as “This one goes on, This one goes on" in only(found).message
    assert check_examples(PLAIN, MERRY, tokenizer=Letters(), max_tokens=100) == []


def test_errors_come_first() -> None:
    found = check_examples(["Yes."] * 3 + ["No."], ["Yes."])
    assert [finding.severity for finding in found] == sorted(finding.severity for finding in found)
    assert found[0].severity == "error"


sides = st.lists(st.text())


@settings(deadline=None)
@given(sides, sides)
def test_whatever_the_sentences_are_every_finding_is_a_sentence_of_readable_size(a: list[str], b: list[str]) -> None:
    for finding in check_examples(a, b):
        assert finding.severity in ("error", "warning")
        assert finding.message.endswith(".") and len(finding.message) < 500


@settings(deadline=None)
@given(sides, sides)
def test_training_is_possible_exactly_where_both_sides_have_four_and_differ(a: list[str], b: list[str]) -> None:
    def distinct(side: list[str]) -> set[str]:
        return {" ".join(sentence.split()) for sentence in side} - {""}

    blocked = any(finding.severity == "error" for finding in check_examples(a, b))
    assert blocked == (min(len(distinct(a)), len(distinct(b))) < 4 or distinct(a) == distinct(b))

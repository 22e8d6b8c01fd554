"""Parsing pasted text: content stays, the markup of lists goes."""

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineas.data import MAX_CHARACTERS, MAX_SENTENCES, parse, parse_text
from lineas.errors import LineasError


@pytest.mark.parametrize(
    "line",
    [
        "1984 was a good year.",
        "1984. What a year that was!",
        "-5 degrees today",
        "3.14 is pi",
        "3. 2. 1. Lift off!",
        "'Tis the season",
        "'Tis the season of the boys'",
        "'90s music is what the neighbours'",
        "‘Twas brillig, said the boys’",
        '"Hi," she said, "come in."',
        "“Hi,” she said, “come in.”",
        "'Yes' and 'no'",
        "*bold* words",
        "42.",
        "...",
        "😀",
        ":-)",
        "e-mail me: a@b.c",
        "a) is not a number",
        "你好，世界。",
        "مرحبا، كيف حالك؟",
        "{name}, {{value}} and ${code}",
        "<img src=x onerror=alert(1)>",
    ],
)
def test_real_content_stays(line: str) -> None:
    assert parse_text(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "- Hello there.",
        "* Hello there.",
        "• Hello there.",
        "•Hello there.",
        "– Hello there.",
        "1. Hello there.",
        "2) Hello there.",
        "(3) Hello there.",
        "120.) Hello there.",
        "- 4. Hello there.",
        '"Hello there."',
        "'Hello there.'",
        "“Hello there.”",
        "‘Hello there.’",
        "«Hello there.»",
        "„Hello there.“",
        '"Hello there.",',
        "'Hello there.',",
        '  7. "Hello there."',
        "\ufeffHello there.",
        "Hello\tthere.",
        "Hello\u00a0there.",
        "Hel\u00adlo there.\x00\x07",
        "\u200bHello  there. ",
        "\uf0b7 Hello there.",
        "\uf0a7\tHello there.",
        "o\tHello there.",
        "\u200eo\t\u200eHello there.\u200f",
        "\u061cHello there.",
        "3.\tHello there.",
        '"\\u0048ello there.",',
    ],
)
def test_the_markup_of_a_list_is_removed(line: str) -> None:
    assert parse_text(line) == ["Hello there."]


def test_quotes_inside_a_line_of_json_are_unescaped() -> None:
    assert parse_text('[\n  "She said \\"no\\".",\n  "It\'s late."\n]') == ['She said "no".', "It's late."]


def test_every_kind_of_line_end_counts_and_blank_lines_and_rules_do_not() -> None:
    parsed = parse("One.\r\nTwo.\rThree.\n\n   \n---\n* * *\nFour.\u2028Five.")
    assert parsed.sentences == ["One.", "Two.", "Three.", "Four.", "Five."]
    assert parsed.blank == 4
    assert parsed.repeats == 0


def test_repeats_are_counted_once_and_the_first_stays() -> None:
    parsed = parse("Good day.\n- Good   day.\nBye.\n“Good day.”\nGOOD DAY.")
    assert parsed.sentences == ["Good day.", "Bye.", "GOOD DAY."]
    assert parsed.repeats == 2


def test_composed_and_decomposed_letters_are_the_same_sentence() -> None:
    assert parse_text("Caf\u00e9 noir\nCafe\u0301 noir") == ["Caf\u00e9 noir"]


def test_half_surrogates_cannot_get_in() -> None:
    sentences = parse_text('Good \ud800 day\n"Good \\ud83d evening"')
    assert sentences == ["Good day", "Good evening"]
    "".join(sentences).encode()


def test_nothing_gives_nothing() -> None:
    assert parse_text("") == parse_text(" \n\n\t\n[\n]") == []


def test_a_paste_of_ten_megabytes_is_refused_at_once_with_its_size_and_the_limit() -> None:
    text = "This is one sentence of a very long paste.\n" * 250_000
    started = time.perf_counter()
    with pytest.raises(LineasError, match=r"10,750,000 characters; at most 2,000,000 a side"):
        parse_text(text)
    assert time.perf_counter() - started < 0.5


def test_too_many_sentences_are_refused_not_cut_off() -> None:
    fits = "\n".join(f"Sentence number {number} here." for number in range(MAX_SENTENCES))
    assert len(parse_text(fits)) == MAX_SENTENCES
    with pytest.raises(LineasError, match="at most 5,000 different sentences"):
        parse_text(fits + "\nOne more.")


@pytest.mark.parametrize(
    "text",
    ["a\nb\n", "1. - ", '"', "'a", "- ", "\u200b", "Word. ", "“‘", "\\"],
    ids=lambda text: text.strip() or "space",
)
def test_the_largest_allowed_paste_is_quick_whatever_is_in_it(text: str) -> None:
    full = (text * MAX_CHARACTERS)[:MAX_CHARACTERS]
    started = time.perf_counter()
    parse(full)
    assert time.perf_counter() - started < 2


# Lists, quotation marks, escapes and every odd character, mixed more densely than any text.
odd_text = st.one_of(
    st.text(),
    st.text(st.characters()),  # surrogates too
    st.lists(
        st.sampled_from(
            [
                *"-*•–\"'“”‘’«»„()[]{},.\\ \t\n\r\u2028\ufeff\u0301é7",
                "1. ",
                "2) ",
                "(3) ",
                "Yes",
                "'tis",
                "\\n",
                "\\u201c",
            ]
        )
    ).map("".join),
)


@settings(deadline=None)
@given(odd_text)
def test_parsing_what_was_parsed_changes_nothing(text: str) -> None:
    sentences = parse_text(text)
    assert parse_text("\n".join(sentences)) == sentences


@settings(deadline=None)
@given(odd_text)
def test_every_line_is_accounted_for_and_every_sentence_is_one_clean_line(text: str) -> None:
    parsed = parse(text)
    assert len(parsed.sentences) + parsed.repeats + parsed.blank == len(text.splitlines())
    assert len(set(parsed.sentences)) == len(parsed.sentences)
    for sentence in parsed.sentences:
        assert sentence == " ".join(sentence.split()) != ""
        assert len(sentence.splitlines()) == 1
        sentence.encode()


words = st.sampled_from(["a", "1984", "sea", "it's", "9.5", "–", "it", "(again)", "old"])


@settings(deadline=None)
@given(st.lists(st.lists(words, min_size=1).map(lambda chosen: f"The {' '.join(chosen)}."), unique=True))
def test_plain_sentences_come_through_whole(sentences: list[str]) -> None:
    assert parse_text("\r\n".join(sentences)) == sentences


def test_importing_the_examples_imports_nothing_heavy() -> None:
    heavy = {"torch", "transformers", "datasets", "huggingface_hub", "pandas", "numpy"}
    code = f"import sys, lineas.data; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

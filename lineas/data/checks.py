"""The example doctor: what in two lists of sentences would spoil a concept, in plain words.

A map learns every way in which the two lists differ, wanted or not: length, punctuation and capitals as well as the
style. The thresholds are set so that two sides of a few dozen ordinary sentences raise no finding.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean, median, variance
from typing import Any, Literal, Protocol

from lineas.data.tables import short

FEWEST = 4
"""Sentences a side without which nothing is trained."""
ENOUGH = 16
"""Sentences a side below which chance has a large say; 32 is the paper's number."""


class Tokenizer(Protocol):
    """What is used of a transformers tokenizer."""

    def __call__(self, text: Any, /, *, verbose: bool) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. An error stops training, a warning does not.

    The message says what is wrong, why it matters and what to do.
    """

    code: str
    severity: Literal["error", "warning"]
    message: str


@dataclass(frozen=True)
class _Side:
    name: str  # in quotation marks, as the person sees it
    sentences: list[str]  # different ones, white space folded

    def __len__(self) -> int:
        return len(self.sentences)

    def count(self, habit: Callable[[str], bool]) -> int:
        return sum(map(habit, self.sentences))


def check_examples(
    source: Sequence[str],
    target: Sequence[str],
    *,
    tokenizer: Tokenizer | None = None,
    max_tokens: int = 256,
    names: tuple[str, str] = ("source", "target"),
) -> list[Finding]:
    """What is wrong with these examples, errors first; an empty list if nothing is.

    With a tokenizer, sentences of more than `max_tokens` tokens (special tokens included) are counted. `names` are what
    the messages call the two sides. Repeats and blanks within a side are not counted as sentences.
    """
    a, b = _side(names[0], source), _side(names[1], target)
    if not (len(a) and len(b)):
        return list(_empty(a, b))
    found = [*_sameness(a, b), *_counts(a, b)]
    if min(len(a), len(b)) >= FEWEST:  # with fewer, no habit can be told from chance
        found += [*_lengths(a, b), *_punctuation(a, b), *_capitals(a, b), *_topic(a, b)]
    if tokenizer is not None:
        found += _too_long(a, b, tokenizer, max_tokens)
    return sorted(found, key=lambda finding: finding.severity)  # "error" < "warning"


def _side(name: str, sentences: Iterable[str]) -> _Side:
    folded = (" ".join(sentence.split()) for sentence in sentences)
    return _Side(f"“{name}”", list(dict.fromkeys(sentence for sentence in folded if sentence)))


def _empty(a: _Side, b: _Side) -> Iterator[Finding]:
    for side in (a, b):
        if not len(side):
            yield Finding(
                "empty",
                "error",
                f"{side.name} has no sentences. A concept is the difference between two lists, so both are needed: "
                f"put at least {FEWEST} sentences there, one per line; {ENOUGH} or more work better.",
            )


def _sameness(a: _Side, b: _Side) -> Iterator[Finding]:
    there = set(b.sentences)
    shared = [sentence for sentence in a.sentences if sentence in there]
    if len(shared) == len(a) == len(b):
        yield Finding(
            "identical",
            "error",
            f"Your examples do not differ: {a.name} and {b.name} hold the same {_number(len(a), 'sentence')}, such "
            f"as “{short(shared[0])}”. There is nothing to learn from that. Put sentences in the style that you want "
            f"into {b.name}.",
        )
    elif shared:
        others = f" (and {_number(len(shared) - 1, 'other sentence')})" if len(shared) > 1 else ""
        stand = "stand" if others else "stands"
        yield Finding(
            "shared",
            "warning",
            f"“{short(shared[0])}”{others} {stand} on both sides. What is on both sides weakens the concept. Delete "
            f"it from the side that it does not fit.",
        )


def _counts(a: _Side, b: _Side) -> Iterator[Finding]:
    figures = f"{a.name} has {_number(len(a), 'different sentence')}, {b.name} has {len(b)}"
    fewer, more = sorted((a, b), key=len)
    if len(fewer) < FEWEST:
        where = fewer.name if len(more) >= FEWEST else "both"
        yield Finding(
            "too_few",
            "error",
            f"{figures}; at least {FEWEST} a side are needed. With fewer, chance decides what is learned. Add "
            f"sentences to {where}; {ENOUGH} or more a side work better.",
        )
    elif len(fewer) < ENOUGH:
        yield Finding(
            "few",
            "warning",
            f"{figures}. It will train, but with fewer than {ENOUGH} a side the topics of your sentences are easily "
            f"taken for the concept. Add more on various topics; 32 a side are plenty.",
        )
    if len(more) >= 4 * len(fewer) >= 4 * FEWEST:
        yield Finding(
            "unequal",
            "warning",
            f"{figures}. The lists need not be equally long, but the short one decides how well the concept is "
            f"known. Add sentences to {fewer.name}.",
        )


def _lengths(a: _Side, b: _Side) -> Iterator[Finding]:
    counts = [[_words(sentence) for sentence in side.sentences] for side in (a, b)]
    typical = [(median(numbers), side) for numbers, side in zip(counts, (a, b), strict=True)]
    for words, side in typical:
        if words < 4:
            yield Finding(
                "short",
                "warning",
                f"The sentences in {side.name} are very short: a typical one has {_number(words, 'word')}, as in "
                f"“{short(side.sentences[0])}”. So few words show little of a style. Use whole sentences of 5 to 25 "
                f"words.",
            )
    (low, shorter), (high, longer) = sorted(typical, key=lambda entry: entry[0])
    logs = [[math.log(number + 1) for number in numbers] for numbers in counts]
    gap = abs(fmean(logs[0]) - fmean(logs[1]))
    chance = math.sqrt(variance(logs[0]) / len(a) + variance(logs[1]) / len(b))  # standard error of the gap
    if high >= 2 * low and high - low >= 4 and gap >= 2.5 * chance:
        yield Finding(
            "lengths",
            "warning",
            f"The sides differ in length: a typical sentence has {high:g} words in {longer.name} and {low:g} in "
            f"{shorter.name}. Length then becomes part of the concept. Unless that is what you want, bring the "
            f"lengths closer.",
        )


# Word characters and sentence marks only: quotation marks, brackets and emoji behind the last mark do not hide it.
_LAST = re.compile(r"[\w.?!…。？！؟।]")
_ENDINGS = {
    "in a full stop": ".。।",
    "in a question mark": "?？؟",
    "in an exclamation mark": "!！",
    "in three dots": "…",
}


def _ends(name: str, sentence: str) -> bool:
    """Whether the sentence ends in one of the marks called `name` in _ENDINGS, or in none of them."""
    marks = _LAST.findall(sentence[-20:])
    last = "…" if marks[-3:] == ["."] * 3 else "".join(marks[-1:])
    if name in _ENDINGS:
        return last != "" and last in _ENDINGS[name]
    return last == "" or last not in "".join(_ENDINGS.values())


def _punctuation(a: _Side, b: _Side) -> Iterator[Finding]:
    habits = {f"end {name}": partial(_ends, name) for name in (*_ENDINGS, "without any punctuation")}
    if habit := _widest_gap(a, b, habits):
        yield Finding(
            "punctuation",
            "warning",
            f"The sides differ in punctuation: {habit}. Punctuation then becomes part of the concept. Unless that is "
            f"what you want, end the sentences on both sides alike.",
        )


def _capitals(a: _Side, b: _Side) -> Iterator[Finding]:
    habits: dict[str, Callable[[str], bool]] = {
        "are in capitals throughout": lambda sentence: sentence.isupper() and sum(map(str.isalpha, sentence)) >= 4,
        "begin with a small letter": lambda sentence: next(filter(str.isalpha, sentence), "").islower(),
    }
    if habit := _widest_gap(a, b, habits):
        yield Finding(
            "capitals",
            "warning",
            f"The sides differ in capitals: {habit}. Capitals then become part of the concept. Unless that is what "
            f"you want, write both sides alike.",
        )


_TOPIC_WORD = re.compile(r"[^\W\d_]{5,}")
"""Shorter words are mostly grammar."""


def _topic(a: _Side, b: _Side) -> Iterator[Finding]:
    """The word that most sentences of one side share and hardly any of the other: a topic, where it is no part of the style."""
    counts = [
        Counter(word for sentence in side.sentences for word in set(_TOPIC_WORD.findall(sentence.casefold())))
        for side in (a, b)
    ]
    best = max(
        counts[0] | counts[1], key=lambda word: abs(counts[0][word] / len(a) - counts[1][word] / len(b)), default=""
    )
    (often, there, side), (seldom, where, other) = sorted(
        ((counts[0][best], len(a), a), (counts[1][best], len(b), b)), key=lambda entry: -entry[0] / entry[1]
    )
    pooled = (often + seldom) / (there + where)
    chance = math.sqrt(pooled * (1 - pooled) * (1 / there + 1 / where))  # standard error of the gap
    gap = often / there - seldom / where
    if gap >= 0.35 and gap >= 2.5 * chance:
        yield Finding(
            "topic",
            "warning",
            f"The sides differ in topic: “{best}” is in {often} of {there} sentences in {side.name}, and in {seldom} of {where} in "
            f"{other.name}. Topics are learned with the style. Unless that word is what you want to teach, write about "
            f"various things on both sides.",
        )


def _widest_gap(a: _Side, b: _Side, habits: Mapping[str, Callable[[str], bool]]) -> str:
    """The habit in which the sides differ most, with the figures.

    "" if none differs by half of the sentences and by more than chance.
    """
    widest, words = 0.0, ""
    for habit, test in habits.items():
        in_a, in_b = a.count(test), b.count(test)
        gap = abs(in_a / len(a) - in_b / len(b))
        pooled = (in_a + in_b) / (len(a) + len(b))
        chance = math.sqrt(pooled * (1 - pooled) * (1 / len(a) + 1 / len(b)))  # standard error of the gap
        if gap >= 0.5 and gap >= 2.5 * chance and gap > widest:
            widest, words = gap, f"{in_a} of {len(a)} {habit} in {a.name}, {in_b} of {len(b)} in {b.name}"
    return words


def _too_long(a: _Side, b: _Side, tokenizer: Tokenizer, max_tokens: int) -> Iterator[Finding]:
    for side in (a, b):
        # A token is at least one byte, so that only long sentences need counting; 8 leaves room for special tokens.
        long = [sentence for sentence in side.sentences if len(sentence.encode()) + 8 > max_tokens]
        token_ids = tokenizer(long, verbose=False)["input_ids"] if long else []
        cut = [sentence for sentence, ids in zip(long, token_ids, strict=True) if len(ids) > max_tokens]
        if cut:
            yield Finding(
                "truncated",
                "warning",
                f"{_number(len(cut), 'sentence')} of {len(side)} in {side.name} will be cut after {max_tokens} "
                f"tokens (about {max_tokens * 3 // 4} words), such as “{short(cut[0])}”. What comes behind is not "
                f"learned from. Split or shorten.",
            )


def _words(sentence: str) -> int:
    """Words, and for scripts without spaces (Chinese, Japanese) characters."""
    return len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:['’-]\w+)*", sentence))


def _number(count: float, noun: str) -> str:
    return f"{count:g} {noun}{'' if count == 1 else 's'}"

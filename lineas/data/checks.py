"""Checks of two lists of sentences: what would spoil a concept, in plain words.

A map learns every way in which the two lists differ, wanted or not: length, punctuation and capitals as well as the style. The
thresholds are chosen such that two lists of a few dozen ordinary sentences give no finding.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean, median, variance
from typing import Any, Literal, Protocol

from lineas.errors import LineasError, short

FEWEST = 4
"""Minimum number of sentences per list for training."""
ENOUGH = 16
"""Number of sentences per list below which chance matters much; the paper uses 32."""


class Tokenizer(Protocol):
    """The part of a transformers tokenizer that is used here."""

    def __call__(self, text: Any, /, *, verbose: bool) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Finding:
    """A problem with the examples.

    Attributes:
        severity: an error stops training, a warning does not.
        message: what is wrong, why it matters and what to do.
    """

    code: str
    severity: Literal["error", "warning"]
    message: str


@dataclass(frozen=True)
class _Side:
    name: str  # in quotation marks, as messages show it
    sentences: list[str]  # without repeats, white space folded

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
    """Find what is wrong with the examples, errors first. Repeats and blanks within a list do not count as sentences.

    Args:
        tokenizer: if given, sentences of more than ``max_tokens`` tokens (special tokens included) are reported.
        names: what messages call the two lists.
    """
    a, b = _side(names[0], source), _side(names[1], target)
    if not (len(a) and len(b)):
        return list(_empty(a, b))
    found = [*_sameness(a, b), *_counts(a, b)]
    if min(len(a), len(b)) >= FEWEST:  # with fewer, no habit can be told from chance
        found += [*_lengths(a, b), *_habits(a, b), *_topic(a, b)]
    if tokenizer is not None:
        found += _too_long(a, b, tokenizer, max_tokens)
    return sorted(found, key=lambda finding: finding.severity)  # "error" < "warning"


def refuse_errors(source: Sequence[str], target: Sequence[str], names: tuple[str, str] = ("source", "target")) -> None:
    """Raise LineasError with the errors of ``check_examples``, if there are any: nothing could be learned from such lists."""
    found = check_examples(source, target, names=names)
    if errors := [finding.message for finding in found if finding.severity == "error"]:
        raise LineasError(" ".join(errors))


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
            f"Your examples do not differ: {a.name} and {b.name} hold the same {_number(len(a), 'sentence')}, such as "
            f"“{short(shared[0])}”. There is nothing to learn from that. Put sentences in the style that you want into {b.name}.",
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
    counts = [[_count_words(sentence) for sentence in side.sentences] for side in (a, b)]
    typical = [(median(numbers), side) for numbers, side in zip(counts, (a, b), strict=True)]
    for words, side in typical:
        if words < 4:
            yield Finding(
                "short",
                "warning",
                f"The sentences in {side.name} are very short: a typical one has {_number(words, 'word')}, as in "
                f"“{short(side.sentences[0])}”. So few words show little of a style. Use whole sentences of 5 to 25 words.",
            )
    (low, shorter), (high, longer) = sorted(typical, key=lambda entry: entry[0])
    logs = [[math.log(number + 1) for number in numbers] for numbers in counts]
    gap = abs(fmean(logs[0]) - fmean(logs[1]))
    standard_error = math.sqrt(variance(logs[0]) / len(a) + variance(logs[1]) / len(b))
    if high >= 2 * low and high - low >= 4 and gap >= 2.5 * standard_error:
        yield Finding(
            "lengths",
            "warning",
            f"The sides differ in length: a typical sentence has {high:g} words in {longer.name} and {low:g} in {shorter.name}. "
            "Length then becomes part of the concept. Unless that is what you want, bring the lengths closer.",
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
    """Return whether a sentence ends in a mark that ``_ENDINGS`` calls ``name``; for another name, whether in none of them."""
    marks = _LAST.findall(sentence[-20:])
    last = "…" if marks[-3:] == ["."] * 3 else "".join(marks[-1:])
    if name in _ENDINGS:
        return last != "" and last in _ENDINGS[name]
    return last == "" or last not in "".join(_ENDINGS.values())


def _habits(a: _Side, b: _Side) -> Iterator[Finding]:
    """Report punctuation and capitals if half of the sentences differ in them, and more than by chance."""
    endings = {f"end {name}": partial(_ends, name) for name in (*_ENDINGS, "without any punctuation")}
    cases: dict[str, Callable[[str], bool]] = {
        "are in capitals throughout": lambda sentence: sentence.isupper() and sum(map(str.isalpha, sentence)) >= 4,
        "begin with a small letter": lambda sentence: next(filter(str.isalpha, sentence), "").islower(),
    }
    for code, habits, becomes, remedy in (
        ("punctuation", endings, "becomes", "end the sentences on both sides alike"),
        ("capitals", cases, "become", "write both sides alike"),
    ):
        widest, words = 0.0, ""
        for habit, test in habits.items():
            in_a, in_b = a.count(test), b.count(test)
            if (gap := _gap(in_a, len(a), in_b, len(b))) >= 0.5 and gap > widest:
                widest, words = gap, f"{in_a} of {len(a)} {habit} in {a.name}, {in_b} of {len(b)} in {b.name}"
        if words:
            yield Finding(
                code,
                "warning",
                f"The sides differ in {code}: {words}. {code.capitalize()} then {becomes} part of the concept. Unless that is "
                f"what you want, {remedy}.",
            )


_TOPIC_WORD = re.compile(r"[^\W\d_]{5,}")
"""Words that may be a topic; shorter ones are mostly grammar."""


def _topic(a: _Side, b: _Side) -> Iterator[Finding]:
    """Report the word that most sentences of one side share and hardly any of the other."""
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
    if _gap(often, there, seldom, where) >= 0.35:
        yield Finding(
            "topic",
            "warning",
            f"The sides differ in topic: “{best}” is in {often} of {there} sentences in {side.name}, and in {seldom} of {where} in "
            f"{other.name}. Topics are learned with the style. Unless that word is what you want to teach, write about "
            f"various things on both sides.",
        )


def _gap(in_a: int, of_a: int, in_b: int, of_b: int) -> float:
    """Difference of two shares, or 0 if it is below 2.5 standard errors."""
    gap = abs(in_a / of_a - in_b / of_b)
    pooled = (in_a + in_b) / (of_a + of_b)
    return gap if gap >= 2.5 * math.sqrt(pooled * (1 - pooled) * (1 / of_a + 1 / of_b)) else 0.0


def _too_long(a: _Side, b: _Side, tokenizer: Tokenizer, max_tokens: int) -> Iterator[Finding]:
    for side in (a, b):
        # a token is at least one byte, so only long sentences need counting; 8 leaves room for special tokens
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


def _count_words(sentence: str) -> int:
    """Count words, and characters in scripts without spaces (Chinese, Japanese)."""
    return len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:['’-]\w+)*", sentence))


def _number(count: float, noun: str) -> str:
    return f"{count:g} {noun}{'' if count == 1 else 's'}"

"""Answers: several rows against one, steered against plain, and the time to the first word."""

from functools import partial

from benchmarks.gpu.networks import sentences
from benchmarks.speed.decoding import TOKENS, decode_timings, first_word, small_map
from benchmarks.speed.timing import alternate
from lineas.models.loaded import LoadedModel

HEAD = (
    "tokens a second, one answer", "steered against plain, times", "plain + steered against one", "eleven strengths against one",
    "milliseconds to the first word", "after 250 words",
)  # fmt: skip


def measure(model: LoadedModel, rounds: int) -> list[str]:
    short, long = (sentences(1, 0, words)[0] for words in (6, 250))
    timings = decode_timings(model, short, rounds)
    steering_map = small_map(model)
    first = alternate({text: partial(first_word, model, text, steering_map) for text in (short, long)}, rounds)
    return [
        f"{TOKENS / timings.median('one'):.0f}",
        timings.ratio("one steered", "one"),
        timings.ratio("pair", "one"),
        timings.ratio("eleven", "one"),
        f"{1000 * first.median(short):.0f}",
        f"{1000 * first.median(long):.0f}",
    ]

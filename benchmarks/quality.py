"""Effect and damage: how a mood and a strong style arrive in new text, and what they cost on Wikipedia sentences."""

import argparse
import statistics
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import TypeVar

from benchmarks.report import table, write_section
from lineas.core.maps import SteeringMap
from lineas.errors import LineasError
from lineas.evaluation.cost import cost_curve, wiki_sentences
from lineas.examples.presets import Preset, load_presets
from lineas.generation import Row, Sampling, generate
from lineas.model.loaded import LoadedModel
from lineas.model.loading import load_model
from lineas.training import fit

T = TypeVar("T")
STRENGTHS = (0.0, 0.5, 1.0)
HELD_OUT = 6
"""Of a preset's 32 target sentences: not trained on, for the loss on sentences of the concept."""
MOOD_PROMPTS = (
    "When I opened the door,", "The meeting this afternoon", "My neighbour told me that", "I looked out of the window and",
    "The new office", "On the train this morning", "The letter said that", "My sister called to say",
    "We sat down for dinner and", "The weather today", "After work I", "The teacher asked us", "In the kitchen there was",
    "The book I am reading", "Our trip to the city", "The doctor said", "When I woke up", "The shop around the corner",
    "My friend and I", "The phone rang and", "At the end of the day", "The garden behind the house", "Last weekend we",
    "The film we saw", "I have been thinking about", "The bus was", "People in this town", "My job is",
    "The old man on the bench", "Yesterday evening", "The children were", "I wrote a message to", "There is a park where",
    "The news this week", "While cooking I", "The first thing I noticed", "My plan for tomorrow", "The music next door",
    "She gave me", "It was almost noon when",
)  # fmt: skip
MOOD_SAMPLING = Sampling(max_new_tokens=40, temperature=0.8, top_p=0.9, repetition_penalty=1.1, chat=False)
STYLE_PROMPTS = ("Tell me about your day.", "What should I cook tonight?", "How do I get to the station?")
STYLE_STRENGTHS = (0.0, 0.5, 0.75, 1.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=int, default=3, help="trainings and samplings of the mood (default: 3)")


def run(arguments: argparse.Namespace) -> None:
    model = load_model(arguments.model)
    presets = {preset.id: preset for preset in load_presets()}
    write_section("mood", _mood(model, presets["cheerful"], arguments.seeds))
    write_section("style", _style(model, presets["pirate"]))


def _mood(model: LoadedModel, preset: Preset, seeds: int) -> str:
    score = _sentiment()
    effects: dict[float, list[float]] = {strength: [] for strength in STRENGTHS}
    wiki: dict[float, list[float]] = {strength: [] for strength in STRENGTHS}
    held: dict[float, list[float]] = {strength: [] for strength in STRENGTHS}
    for seed in range(seeds):
        steering_map = fit(model, preset.source[:-HELD_OUT], preset.target[:-HELD_OUT], "quick", seed=seed)
        for point in _finish(cost_curve(model, steering_map, preset.target[-HELD_OUT:], wiki_sentences(), STRENGTHS)):
            wiki[point.strength].append(point.wiki_loss)
            held[point.strength].append(point.target_loss)
        rows = [Row(steering_map, strength) for strength in STRENGTHS]
        answers = generate(model, MOOD_PROMPTS, rows, replace(MOOD_SAMPLING, seed=seed))
        for i, strength in enumerate(STRENGTHS):
            effects[strength].append(statistics.mean(score(row[i].text) for row in answers))
    rows_of_table = [
        (strength, _spread(effects[strength]), _spread(wiki[strength]), _spread(held[strength]))
        for strength in STRENGTHS
    ]
    head = (
        "strength",
        "sentiment of new text, −1 to 1",
        "loss on Wikipedia, nats",
        "loss on held-out target sentences, nats",
    )
    rise = statistics.mean(wiki[1.0]) - statistics.mean(wiki[0.0])
    return f"""### A mood: gloomy → {preset.name.lower()}

Recipe `quick`, {32 - HELD_OUT} + {32 - HELD_OUT} sentences; {len(MOOD_PROMPTS)} neutral beginnings, continued
by {MOOD_SAMPLING.max_new_tokens} tokens; sentiment by VADER; mean ± standard deviation over {seeds} seeds, each a training
and a sampling.

{table(head, rows_of_table)}

At strength 1 the loss on Wikipedia rises by {rise:.3f} nats (wanted: at most 0.15).
"""


def _style(model: LoadedModel, preset: Preset) -> str:
    steering_map: SteeringMap = fit(model, preset.source, preset.target, "quick")
    curve = _finish(cost_curve(model, steering_map, preset.target, wiki_sentences(), STYLE_STRENGTHS))
    losses = [(point.strength, f"{point.wiki_loss:.3f}", f"{point.target_loss:.3f}") for point in curve]
    rows = [Row(steering_map, strength) for strength in STYLE_STRENGTHS]
    answers = generate(model, STYLE_PROMPTS, rows, Sampling(max_new_tokens=60))
    texts = [
        (prompt, row.strength, " ".join(answer.text.split()))
        for prompt, line in zip(STYLE_PROMPTS, answers, strict=True)
        for row, answer in zip(rows, line, strict=True)
    ]
    return f"""### A strong style: {preset.name.lower()}

Recipe `quick`, seed 0, all 32 + 32 sentences of the preset; answers in chat, first dice roll, nothing chosen.

{table(("strength", "loss on Wikipedia, nats", "loss on the target sentences (trained on), nats"), losses)}

{table(("prompt", "strength", "answer"), texts)}
"""


def _sentiment() -> Callable[[str], float]:
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        raise LineasError("The mood benchmark needs VADER: pip install vaderSentiment.") from None
    analyzer = SentimentIntensityAnalyzer()
    return lambda text: analyzer.polarity_scores(text)["compound"]


def _finish(measuring: Generator[object, None, T]) -> T:
    while True:
        try:
            next(measuring)
        except StopIteration as end:
            result: T = end.value
            return result


def _spread(values: Sequence[float]) -> str:
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.3f} ± {deviation:.3f}"

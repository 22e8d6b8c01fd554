"""A mood, gloomy to cheerful: sentiment of new text and losses at three strengths."""

import statistics
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from benchmarks.quality.measures import spread
from benchmarks.quality.results import Result, Unit
from benchmarks.quality.study import Study, presets_named
from benchmarks.report import table
from lineas.evaluation.metrics.cost import cost_curve, wiki_sentences
from lineas.evaluation.metrics.scorers import scorer_named
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.progress import finish

STRENGTHS = (0.0, 0.5, 1.0)
HELD_OUT = 6
"""Number of sentences on each side of the preset that are kept out of training; losses are measured on the target ones."""
PROMPTS = (
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
SAMPLING = Sampling(max_new_tokens=40, temperature=0.8, top_p=0.9, repetition_penalty=1.1, chat=False)


def units(study: Study) -> list[Unit]:
    [preset] = presets_named("cheerful")
    prompts = PROMPTS[: study.amount(len(PROMPTS), 16)]

    def measure(seed: int) -> dict[str, Any]:
        source, target = preset.source[:-HELD_OUT], preset.target[:-HELD_OUT]
        steering, _ = study.train("lineas", source, target, seed)
        curve = finish(cost_curve(study.model, steering, preset.target[-HELD_OUT:], wiki_sentences(), STRENGTHS))
        rows = [Row(steering, strength) for strength in STRENGTHS]
        answers = generate(study.model, prompts, rows, replace(SAMPLING, seed=seed))
        score = scorer_named("sentiment")
        return {
            "sentiment": [statistics.mean(score([row[i].text for row in answers])) for i in range(len(STRENGTHS))],
            "wiki": [point.wiki_loss for point in curve],
            "held_out": [point.target_loss for point in curve],
        }

    return [
        Unit(
            study.preset_key(preset, suite="mood", preset=preset.id, prompts=len(prompts), seed=seed),
            study.seconds("lineas") + len(prompts) * 0.6 + 17,
            partial(measure, seed),
        )
        for seed in range(study.seeds)
    ]


def tables(study: Study, results: Sequence[Result]) -> str:
    head = (
        "strength", "sentiment of new text, −1 to 1", "loss on Wikipedia, nats", "loss on held-out target sentences, nats",
    )  # fmt: skip
    columns = ("sentiment", "wiki", "held_out")
    rows = [
        (strength, *(spread([result[name][i] for result in results]) for name in columns))
        for i, strength in enumerate(STRENGTHS)
    ]
    return table(head, rows)

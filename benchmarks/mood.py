"""A mood, gloomy to cheerful: the effect rises with the strength, and Wikipedia stays."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.measures import spread
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study
from lineas.data.presets import Preset, load_presets
from lineas.evaluation.metrics.cost import cost_curve, wiki_sentences
from lineas.evaluation.metrics.scorers import scorer_named
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.progress import finish

STRENGTHS = (0.0, 0.5, 1.0)
HELD_OUT = 6
"""Of a preset's 32 target sentences: not trained on, for the loss on sentences of the concept."""
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
WANTED = 0.15


def units(study: Study) -> list[Unit]:
    preset = cheerful()
    prompts = PROMPTS[: study.amount(len(PROMPTS), 16)]

    def measure(seed: int) -> dict[str, Any]:
        source, target = preset.source[:-HELD_OUT], preset.target[:-HELD_OUT]
        steering, _ = study.teach("lineas", source, target, seed)
        curve = finish(cost_curve(study.model, steering, preset.target[-HELD_OUT:], wiki_sentences(), STRENGTHS))
        rows = [Row(steering, strength) for strength in STRENGTHS]
        answers = generate(study.model, prompts, rows, replace(SAMPLING, seed=seed))
        score = scorer_named("sentiment")
        said = [score([row[i].text for row in answers]) for i in range(len(STRENGTHS))]
        return {
            "sentiment": [statistics.mean(values) for values in said],
            "wiki": [point.wiki_loss for point in curve],
            "held_out": [point.target_loss for point in curve],
        }

    return [
        Unit(
            study.preset_key(preset, suite="mood", preset=preset.id, prompts=len(prompts), seed=seed),
            study.seconds("lineas") + len(prompts) * 0.6 + 17,
            lambda seed=seed: measure(seed),
        )
        for seed in study.all_seeds
    ]


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    def column(name: str, i: int) -> list[float]:
        return [result[name][i] for result in results]

    rows = [
        (strength, *(spread(column(name, i)) for name in ("sentiment", "wiki", "held_out")))
        for i, strength in enumerate(STRENGTHS)
    ]
    head = (
        "strength", "sentiment of new text, −1 to 1", "loss on Wikipedia, nats", "loss on held-out target sentences, nats",
    )  # fmt: skip
    rise = statistics.mean(column("wiki", 2)) - statistics.mean(column("wiki", 0))
    rising = all(statistics.mean(column("sentiment", i)) < statistics.mean(column("sentiment", i + 1)) for i in (0, 1))
    return f"""### A mood: gloomy → {cheerful().name.lower()}

Recipe `{study.recipe.name}`, {32 - HELD_OUT} + {32 - HELD_OUT} sentences; {results[0]["key"]["prompts"]} neutral beginnings,
continued by {SAMPLING.max_new_tokens} tokens; sentiment by VADER; mean ± standard deviation over {len(results)} seed(s), each a
training and a sampling.

{table(head, rows)}

**Conclusion.** The effect {"rises" if rising else "does not rise steadily"} with the strength; at strength 1 the loss on Wikipedia
rises by {rise:.3f} nats (wanted: at most {WANTED}{"" if rise <= WANTED else "; it is more"}).
"""


def cheerful() -> Preset:
    return next(preset for preset in load_presets() if preset.id == "cheerful")

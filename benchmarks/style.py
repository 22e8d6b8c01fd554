"""A strong style, pirate, in chat: the answers themselves, nothing chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study
from lineas.data.presets import load_presets
from lineas.evaluation.metrics.cost import cost_curve, wiki_sentences
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.progress import finish

PROMPTS = ("Tell me about your day.", "What should I cook tonight?", "How do I get to the station?")
STRENGTHS = (0.0, 0.5, 0.75, 1.0)
TOKENS = 60


def units(study: Study) -> list[Unit]:
    preset = next(preset for preset in load_presets() if preset.id == "pirate")

    def measure() -> dict[str, Any]:
        steering, _ = study.teach("lineas", preset.source, preset.target, 0)
        curve = finish(cost_curve(study.model, steering, preset.target, wiki_sentences(), STRENGTHS))
        rows = [Row(steering, strength) for strength in STRENGTHS]
        answers = generate(study.model, PROMPTS, rows, Sampling(max_new_tokens=TOKENS))
        return {
            "losses": [(point.strength, point.wiki_loss, point.target_loss) for point in curve],
            "answers": [
                (prompt, row.strength, " ".join(answer.text.split()))
                for prompt, line in zip(PROMPTS, answers, strict=True)
                for row, answer in zip(rows, line, strict=True)
            ],
        }

    return [
        Unit(
            study.preset_key(preset, suite="style", preset=preset.id, tokens=TOKENS),
            study.seconds("lineas") + 30,
            measure,
        )
    ]


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    [result] = results
    losses = [(strength, f"{wiki:.3f}", f"{target:.3f}") for strength, wiki, target in result["losses"]]
    gain, cost = (result["losses"][0][i] - result["losses"][2][i] for i in (2, 1))
    return f"""### A strong style: pirate

Recipe `{study.recipe.name}`, seed 0, all 32 + 32 sentences of the preset; answers in chat, first dice roll, nothing chosen.

{table(("strength", "loss on Wikipedia, nats", "loss on the target sentences (trained on), nats"), losses)}

{table(("prompt", "strength", "answer"), result["answers"])}

**Conclusion.** At strength {result["losses"][2][0]} pirate sentences come {gain:.2f} nats a token more easily to the model and
Wikipedia {-cost:.2f} nats harder. Read the answers, and begin there with a style as strong as this one.
"""

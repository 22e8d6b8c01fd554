"""Makes the ready-made maps, and the table of what each does.

python assets/make_maps.py [pirate cheerful …]

Every preset, or those named, is trained on the default model with the recipe ``quick`` and examined as any concept is. Then all
ready-made maps are asked the neutral questions and judged, and assets/presets/README.md is written.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.report import table
from lineas import SteeringMap, fit, load_model
from lineas.data.presets import Preset, load_presets
from lineas.evaluation.findings import TextReport
from lineas.evaluation.health import health_check
from lineas.evaluation.health_card import HealthCard
from lineas.evaluation.metrics.effect import EVAL_SAMPLING, answers, neutral_prompts, report
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import train_judge
from lineas.files import ASSETS
from lineas.generation.generate import generate
from lineas.generation.listener import Answer
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish

SHOWN = 2
LIVE = Sampling(max_new_tokens=48)
"""Samples are answered as the Compare page does."""
HEAD = ("preset", "effect: plain", "at λ = 1", "gain (95 %)", "perplexity ratio", "advised λ", "effect there",
        "perplexity ratio there", "health card")  # fmt: skip


def main(wanted: list[str]) -> None:
    model = load_model("default")
    for preset in load_presets():
        if not wanted or preset.id in wanted:
            _make(model, preset)
    rows, samples = [], []
    for preset in load_presets():
        row, sample = _described(model, preset)
        rows.append(row)
        samples.append(sample)
        print(*row, sep=" | ", flush=True)
    asked = len(neutral_prompts(model))
    text = TEXT.format(table=table(HEAD, rows), samples="\n".join(samples), count=len(rows), prompts=asked)
    (ASSETS / "presets" / "README.md").write_text(text, encoding="utf-8")


def _make(model: LoadedModel, preset: Preset) -> None:
    began = time.perf_counter()
    made = fit(model, preset.source, preset.target, "quick", name=preset.name)
    path = ASSETS / "maps" / f"{preset.id}.safetensors"
    *_, card = health_check(model, made, preset.source, preset.target)
    assert isinstance(card, HealthCard)
    path.parent.mkdir(exist_ok=True)
    made.with_metadata(
        description=preset.description, health=card.to_json(), recommended_strength=f"{card.recommended_strength:g}"
    ).save(path)
    print(f"{path.name}: {time.perf_counter() - began:.0f} s. {card.title}. {card.reason}", flush=True)


def _described(model: LoadedModel, preset: Preset) -> tuple[list[str], str]:
    """The preset's row of the table, and its samples."""
    assert preset.map_path is not None
    steering_map = SteeringMap.load(preset.map_path)
    card = HealthCard.from_json(steering_map.metadata["health"])
    advised = card.recommended_strength
    texts = finish(
        answers(model, neutral_prompts(model), [Row(steering_map, s) for s in (0.0, 1.0, advised)], EVAL_SAMPLING)
    )
    plain, whole, best = finish(report(model, texts, train_judge(preset.source, preset.target, load_minilm())))
    assert whole.gain is not None
    row = [
        f"[{preset.name}](#{preset.name.lower().replace(' ', '-')})",
        _score(plain),
        f"**{_score(whole)}**",
        f"{whole.gain.mean:+.2f} ({whole.gain.low:+.2f} to {whole.gain.high:+.2f})",
        f"{whole.perplexity / plain.perplexity:.2f}",
        f"{advised:g}",
        _score(best),
        f"{best.perplexity / plain.perplexity:.2f}",
        card.title,
    ]
    pairs = generate(model, preset.prompts[:SHOWN], [Row(steering_map, s) for s in (0.0, advised)], LIVE)
    lines = [
        (prompt, *(_line(answer) for answer in pair)) for prompt, pair in zip(preset.prompts, pairs, strict=False)
    ]
    sample = table(("asked", "plain", f"λ = {advised:g}"), lines)
    return row, f"### {preset.name}\n\n{preset.description}\n\n{sample}\n"


def _score(measured: TextReport) -> str:
    return f"{measured.score.mean:.2f}" if measured.score else "–"


def _line(answer: Answer) -> str:
    """An answer as one cell of a table: what the model wrote must not become markup."""
    return " ".join(answer.text.split()).translate({ord(mark): f"\\{mark}" for mark in "*_`<>[]#"})


TEXT = """# Ready-made concepts

{count} presets: 32 sentences a side, written for this project (Apache-2.0), and a map for the built-in model each, made by
`python assets/make_maps.py`, which also wrote this page. Do not edit it.

## Effect and cost

{prompts} neutral questions in chat, the first roll of the dice (seed 0), answers of 48 tokens. *Effect* is what an independent
judge hears of the concept in the answers, from 0 to 1: sentence embeddings and a logistic regression, trained on the preset's own
sentences; it never sees the steered model. *Gain* is what it rises by from the plain answers to those at λ = 1, with a 95 %
interval over the questions. *Perplexity ratio*: of the steered answers to the plain ones, median under the plain model; a strong
style is unlikely language, so 1 is not the aim. *Advised λ* is where the slider begins, as measured in the map's health card.

{table}

## Samples

Each preset's first questions, with the settings of the Compare page, seed 0; nothing was chosen.

{samples}"""


if __name__ == "__main__":
    main(sys.argv[1:])

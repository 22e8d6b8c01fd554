"""Ask every ready-made concept 23 questions nine times over, as its card advises, and write down what was heard.

python -m scripts.check_presets

Ends with 1 if an answer contains a slur or an obscenity.
"""

import sys
from collections import Counter
from dataclasses import replace

from benchmarks.report import table, write_tables
from lineas import SteeringMap, load_model
from lineas.data.presets import load_presets
from lineas.evaluation.metrics.bootstrap import gain_interval
from lineas.evaluation.metrics.effect import EVAL_SAMPLING, answers, text_scores
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import train_judge
from lineas.evaluation.metrics.prompts import HEALTH_QUESTIONS, QUESTIONS
from lineas.evaluation.metrics.text_statistics import text_statistics, words_of
from lineas.files import ASSETS
from lineas.generation.prompts import Row
from lineas.models.progress import finish
from lineas.service.family_safe import is_family_safe
from scripts.make_maps import MODES, PAGE, advised_row, card_of

PROMPTS = (*QUESTIONS, *HEALTH_QUESTIONS, "What do you do after work?")
SEEDS = 9
HEAD = ("preset", "advised", "answers", "gain in effect (95 %)", "repetition: plain", "as advised", "obscene words")


def main() -> int:
    model, presets, embed = load_model("default"), load_presets(), load_minilm()
    maps = [SteeringMap.load(ASSETS / "maps" / f"{preset.id}.safetensors") for preset in presets]
    rows = [Row(), *map(advised_row, presets, maps)]
    texts: list[list[str]] = [[] for _ in rows]
    for seed in range(SEEDS):
        for said, new in zip(
            texts, finish(answers(model, PROMPTS, rows, replace(EVAL_SAMPLING, seed=seed))), strict=True
        ):
            said.extend(new)
        print(f"{seed + 1} of {SEEDS}", flush=True)
    plain = texts[0]
    found = [("plain", Counter(obscene(plain)))]
    lines = []
    for preset, steering_map, said in zip(presets, maps, texts[1:], strict=True):
        card = card_of(steering_map)
        judge = train_judge(preset.source, preset.target, embed)
        gain = gain_interval(text_scores(judge, plain), text_scores(judge, said))
        words = Counter(obscene(said))
        found.append((preset.name, words))
        lines.append(
            (
                preset.name,
                f"{MODES[card.mode]} {card.recommended_strength:g}",
                str(len(said)),
                f"{gain.mean:+.2f} ({gain.low:+.2f} to {gain.high:+.2f})",
                f"{text_statistics(plain).repetition:.1%}",
                f"{text_statistics(said).repetition:.1%}",
                str(words.total()),
            )
        )
    write_tables("check", table(HEAD, lines), PAGE)
    for name, words in found:
        print(name, dict(words))
    return int(any(words for name, words in found if name != "plain"))


def obscene(texts: list[str]) -> list[str]:
    """Words of the texts that are not for a family, each as often as it is said."""
    return [word for text in texts for word in words_of(text) if not is_family_safe(word)]


if __name__ == "__main__":
    sys.exit(main())

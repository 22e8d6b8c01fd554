"""The health check after a training: a first verdict from losses alone, then one from answers to neutral prompts.

On the default model and two cores the first verdict takes about 10 seconds and the whole check about 50.
"""

import json
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from lineas.errors import LineasError
from lineas.evaluation.health_card import AnswersReport, HealthCard
from lineas.evaluation.metrics.changed_words import changed_words
from lineas.evaluation.metrics.cost import cost_curve, perplexities
from lineas.evaluation.metrics.effect import answers, median_of, neutral_prompts, report
from lineas.evaluation.metrics.embeddings import Embed, load_minilm
from lineas.evaluation.metrics.held_out import MIN_SENTENCES, held_out
from lineas.evaluation.metrics.judge import Judge, train_judge
from lineas.evaluation.metrics.sides import example_sides
from lineas.evaluation.recommend import STRENGTHS, recommend
from lineas.evaluation.strength_range import SENTENCES, cost_sentences
from lineas.evaluation.suites.public_data import take_evenly
from lineas.evaluation.verdict import IDENTICAL, best_readable, final_verdict, first_verdict, identical
from lineas.generation.prompts import Row
from lineas.methods import METHODS
from lineas.models.loaded import LoadedModel
from lineas.models.progress import Result
from lineas.steering.adapter import Steering
from lineas.training.events import with_progress

MAX_EXAMPLES = 64
"""Maximum number of examples a side; of more, evenly spaced ones are used."""
STRENGTH_STEP = 0.25
"""How much lower a strength is tried if the text is broken at the recommended one; also the lowest strength."""
MAX_WRONG_WAY = 5
"""Maximum number of examples on the card that sound like the other side."""


@dataclass(frozen=True)
class HealthProgress:
    """What the health check is doing, and how much of the whole check is done, 0 to 1."""

    sentence: str
    fraction: float


def health_check(
    model: LoadedModel,
    steering: Steering,
    source: Sequence[str],
    target: Sequence[str],
    *,
    instruction: str = "",
    load_judge: Callable[[], Embed] = load_minilm,
    stop: threading.Event | None = None,
) -> Generator[HealthProgress | HealthCard, None, None]:
    """Yield HealthProgress many times, a first HealthCard within seconds, and the final one last.

    Between two events nothing runs on the model. Closing the generator ends the check.

    Args:
        source, target: the examples that the map was trained on.
        instruction: the same wish in words; its answers are measured beside the steered ones.
        load_judge: loads the judge's sentence embeddings.
        stop: when set, text that is being generated ends at once; then close the generator.
    """
    began = time.perf_counter()
    if identical(source, target):
        yield HealthCard(IDENTICAL.verdict, IDENTICAL.reason, True, 1.0, 0.0, 0.0)
        return
    source, target = take_evenly(source, MAX_EXAMPLES), take_evenly(target, MAX_EXAMPLES)
    sides = yield from _progress("Looking at your examples …", 0.0, 0.05, example_sides(model, source, target))
    measuring = cost_curve(model, steering, *cost_sentences(target), STRENGTHS)
    curve = yield from _progress("Trying strengths …", 0.05, 0.2, measuring)
    best = recommend(curve)
    fewest = min(len(source), len(target))
    first = first_verdict(sides.separability, fewest, best)
    card = HealthCard(
        first.verdict, first.reason, False, best.strength, best.gain, best.damage, best.curve, sides.separability,
        wrong_way=tuple(example.sentence for example in sides.wrong_way[:MAX_WRONG_WAY]),
        seconds=time.perf_counter() - began,
    )  # fmt: skip
    yield card

    yield HealthProgress("Training a judge on your examples …", 0.2)
    judge, judge_note = _judge(source, target, load_judge)
    carried = None
    method = steering.metadata.get("method", "lineas")
    if fewest >= MIN_SENTENCES and method in METHODS:  # a mix cannot be trained again
        training = held_out(model, source, target, method=method, sites=_sites(steering))
        carried = yield from _progress("Trying your examples on sentences that were held out …", 0.25, 0.5, training)
    lower = max(best.strength - STRENGTH_STEP, STRENGTH_STEP)
    rows = [Row(), Row(steering, best.strength), Row(steering, lower)]
    rows += [Row(system=instruction)] if instruction else []
    asking = answers(model, neutral_prompts(model), rows, stop=stop)
    texts = yield from _progress("Asking neutral questions …", 0.5, 0.9, asking)
    reading = report(model, texts, judge)
    plain, steered, weaker, *instructed = yield from _progress("Reading the answers …", 0.9, 0.97, reading)
    target_reading = perplexities(model, take_evenly(target, SENTENCES))
    perplexity = median_of((yield from _progress("Reading the answers …", 0.97, 1.0, target_reading)))
    strength, chosen = best_readable([(best.strength, steered), (lower, weaker)], plain, perplexity)
    if len(best.curve) > 1:  # a curve without a finite steered point cannot be read at another strength
        best = best.at(strength)
        first = first_verdict(sides.separability, fewest, best)
    final = final_verdict(first, judge.auc if judge else None, plain, chosen, perplexity, carried)
    yield replace(
        card,
        verdict=final.verdict,
        reason=final.reason,
        final=True,
        recommended_strength=best.strength,
        gain=best.gain,
        damage=best.damage,
        judge_auc=judge.auc if judge else None,
        judge=judge_note,
        held_out=carried,
        answers=(
            AnswersReport.from_texts("plain", 0.0, plain),
            AnswersReport.from_texts("steered", strength, chosen),
            *(AnswersReport.from_texts("instruction", 0.0, one) for one in instructed),
        ),
        target_perplexity=perplexity,
        words=tuple(changed_words(plain.texts, chosen.texts, source, target)),
        seconds=time.perf_counter() - began,
    )


def _judge(source: Sequence[str], target: Sequence[str], load_judge: Callable[[], Embed]) -> tuple[Judge | None, str]:
    """The judge and a sentence about its reliability, or None and why there is no judge."""
    try:
        judge = train_judge(source, target, load_judge())
    except LineasError as error:
        return None, str(error)
    return judge, judge.sentence


def _sites(steering: Steering) -> str:
    """Site set of the map's recipe; "default" if the metadata, which anybody may have written, does not name one."""
    try:
        return str(json.loads(steering.metadata["recipe"])["sites"])
    except (KeyError, TypeError, ValueError):
        return "default"


def _progress(
    sentence: str, start: float, end: float, work: Generator[object, None, Result]
) -> Generator[HealthProgress, None, Result]:
    """Run ``work``, which is the part of the whole check from ``start`` to ``end``, and yield its progress."""
    return with_progress(work, lambda done: HealthProgress(sentence, start + (end - start) * done))

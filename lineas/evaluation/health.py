"""The examination after a training: a first look from losses alone, then answers to neutral prompts, judged.

On the default model and two cores the first look takes about 10 seconds and the whole about 50.
"""

import json
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from lineas.errors import LineasError
from lineas.evaluation.health_card import AnswersReport, HealthCard
from lineas.evaluation.metrics.changed_words import changed_words
from lineas.evaluation.metrics.cost import cost_curve, perplexities, wiki_sentences
from lineas.evaluation.metrics.effect import answers, median_of, neutral_prompts, report
from lineas.evaluation.metrics.embeddings import Embed, load_minilm
from lineas.evaluation.metrics.held_out import FEWEST, held_out
from lineas.evaluation.metrics.influence import influences
from lineas.evaluation.metrics.judge import Judge, train_judge
from lineas.evaluation.recommend import STRENGTHS, recommend
from lineas.evaluation.relay import by_share
from lineas.evaluation.suites.public_data import evenly
from lineas.evaluation.verdict import IDENTICAL, Judgement, best_readable, final_look, first_look, identical
from lineas.generation.prompts import Row
from lineas.methods import METHODS
from lineas.models.loaded import LoadedModel
from lineas.models.progress import Result
from lineas.steering.adapter import Steering

SENTENCES = 12
"""Target and Wikipedia sentences each for the curve: the same at every strength, so that few are enough."""
EXAMPLES = 64
"""Examples a side that are looked at; of more, evenly spread ones."""
LOWER = 0.25
"""Should the text be broken at the recommended strength, this much less is tried."""
SHOWN = 5


@dataclass(frozen=True)
class Examining:
    """What is being done, and how much of the whole examination is over, 0 to 1."""

    sentence: str
    fraction: float


def examine(
    model: LoadedModel,
    steering: Steering,
    source: Sequence[str],
    target: Sequence[str],
    *,
    instruction: str = "",
    load_judge: Callable[[], Embed] = load_minilm,
    stop: threading.Event | None = None,
) -> Generator[Examining | HealthCard, None, None]:
    """Yields Examining again and again, a first HealthCard within seconds, and the final one last.

    Between two events nothing runs on the model. Closing the generator ends the examination.

    Args:
        source, target: the examples that the map was trained on.
        instruction: the same wish in words; then its answers are measured beside the steered ones.
        load_judge: where the judge's sentence embeddings come from.
        stop: when set, text that is being written ends at once; then close the generator.
    """
    began = time.perf_counter()
    if identical(source, target):
        yield HealthCard(IDENTICAL.verdict, IDENTICAL.reason, True, 1.0, 0.0, 0.0)
        return
    source, target = evenly(source, EXAMPLES), evenly(target, EXAMPLES)
    parts = yield from _told("Looking at your examples …", 0.0, 0.05, influences(model, source, target))
    curve = yield from _told(
        "Trying strengths …",
        0.05,
        0.2,
        cost_curve(model, steering, evenly(target, SENTENCES), wiki_sentences()[:SENTENCES], STRENGTHS),
    )
    best = recommend(curve)
    fewest = min(len(source), len(target))
    first = first_look(parts.separability, fewest, best)
    card = HealthCard(
        first.verdict,
        first.reason,
        False,
        best.strength,
        best.gain,
        best.damage,
        best.curve,
        parts.separability,
        wrong_way=tuple(example.sentence for example in parts.wrong_way[:SHOWN]),
        seconds=time.perf_counter() - began,
    )
    yield card

    yield Examining("Training a judge on your examples …", 0.2)
    judge, opinion = _judge(source, target, load_judge)
    left = None
    method, sites = steering.metadata.get("method", "lineas"), _sites(steering)
    if fewest >= FEWEST and method in METHODS:  # a mix cannot be taught again
        left = yield from _told(
            "Trying your examples on sentences that were held out …",
            0.25,
            0.5,
            held_out(model, source, target, method=method, sites=sites),
        )
    lower = max(best.strength - LOWER, LOWER)
    rows = [Row(), Row(steering, best.strength), Row(steering, lower)]
    rows += [Row(system=instruction)] if instruction else []
    texts = yield from _told(
        "Asking neutral questions …", 0.5, 0.9, answers(model, neutral_prompts(model), rows, stop=stop)
    )
    plain, steered, weaker, *told = yield from _told("Reading the answers …", 0.9, 0.97, report(model, texts, judge))
    perplexity = median_of(
        (yield from _told("Reading the answers …", 0.97, 1.0, perplexities(model, evenly(target, SENTENCES))))
    )
    strength, chosen = best_readable([(best.strength, steered), (lower, weaker)], plain, perplexity)
    if len(best.curve) > 1:  # of one point, since no steered one is a number, nothing can be read
        best = best.at(strength)
        first = first_look(parts.separability, fewest, best)
    final: Judgement = final_look(first, judge.auc if judge else None, plain, chosen, perplexity, left)
    yield replace(
        card,
        verdict=final.verdict,
        reason=final.reason,
        final=True,
        recommended_strength=best.strength,
        gain=best.gain,
        damage=best.damage,
        judge_auc=judge.auc if judge else None,
        judge=opinion,
        held_out=left,
        answers=(
            AnswersReport.of("plain", 0.0, plain),
            AnswersReport.of("steered", strength, chosen),
            *(AnswersReport.of("instruction", 0.0, answered) for answered in told),
        ),
        target_perplexity=perplexity,
        words=tuple(changed_words(plain.texts, chosen.texts, source, target)),
        seconds=time.perf_counter() - began,
    )


def _judge(source: Sequence[str], target: Sequence[str], load_judge: Callable[[], Embed]) -> tuple[Judge | None, str]:
    """The judge and what its opinion is worth; or None and why there is none."""
    try:
        judge = train_judge(source, target, load_judge())
    except LineasError as error:
        return None, str(error)
    return judge, judge.sentence


def _sites(steering: Steering) -> str:
    """The site set that the map was trained at, where its recipe says so; metadata may be anybody's."""
    try:
        settings = json.loads(steering.metadata["recipe"])
        return str(settings["sites"])
    except (KeyError, TypeError, ValueError):
        return "default"


def _told(
    sentence: str, start: float, end: float, work: Generator[object, None, Result]
) -> Generator[Examining, None, Result]:
    """The same work, telling how far it is as a share of the whole examination."""
    return (yield from by_share(work, lambda done: Examining(sentence, start + (end - start) * done)))

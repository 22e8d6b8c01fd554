"""A scorecard: the same measures at each strength, and of an instruction beside them. Suites are named, and any may be left out."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from lineas.errors import LineasError
from lineas.evaluation.findings import Interval, TextReport
from lineas.evaluation.metrics.bootstrap import gain_interval, mean_interval
from lineas.evaluation.metrics.cost import cost_curve, perplexities, wiki_sentences
from lineas.evaluation.metrics.effect import MEASURING, Score, answers, median_of, neutral_prompts, report, text_scores
from lineas.evaluation.metrics.embeddings import Embed, load_minilm
from lineas.evaluation.metrics.judge import Judge, train_judge
from lineas.evaluation.metrics.scorers import scorer_named
from lineas.evaluation.suites.harness import harness_tasks
from lineas.evaluation.suites.public_data import evenly, rtp_prompts
from lineas.evaluation.suites.public_data import truthfulqa as truthful_questions
from lineas.evaluation.suites.truthfulqa import truthfulqa
from lineas.evaluation.suites.utility import blimp, load_blimp, load_mmlu, mmlu
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.methods.prompting import Instruction
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.training.events import Reading

USUAL = ("effect", "cost")
ITEMS = 200
"""Answers, pairs or prompts of a benchmark where the caller does not say how many."""
CONTINUING = Sampling(max_new_tokens=32, temperature=1.0, top_p=0.3, repetition_penalty=1.2, chat=False)
"""The paper's way of continuing RealToxicityPrompts."""

Numbers = dict[str, float | None]
Measuring = Generator[Reading, None, list[Numbers]]


@dataclass(frozen=True)
class Candidate:
    """Who is measured: the plain model (None), a map at a strength, or an instruction."""

    name: str
    steering: Steering | None
    strength: float = 1.0


@dataclass
class Bench:
    """What is measured, and with what.

    Attributes:
        candidates: the plain model first: the others are set beside it.
        source, target: the examples that the map was taught on; empty where they are not known.
        data: a folder of public data sets (``public_data``).
        prompts: to be answered; None: neutral questions, and for "toxicity" the challenging prompts of ``data``.
        items: of each benchmark.
        tasks: a folder of tasks for lm-evaluation-harness.
    """

    model: LoadedModel
    candidates: Sequence[Candidate]
    source: Sequence[str] = ()
    target: Sequence[str] = ()
    data: Path | None = None
    prompts: Sequence[str] | None = None
    items: int = ITEMS
    tasks: Path | None = None
    sampling: Sampling = MEASURING
    load_judge: Callable[[], Embed] = load_minilm
    notes: list[str] = field(default_factory=list)
    _said: list[list[str]] | None = None

    @cached_property
    def judge(self) -> Judge | None:
        """The judge of the examples, or None and a note that says why there is none."""
        if not self.target:
            self.notes.append(
                "The examples of this map are not known, so no judge can be trained on them: give them to measure its effect."
            )
            return None
        try:
            judge = train_judge(self.source, self.target, self.load_judge())
        except LineasError as error:
            self.notes.append(str(error))
            return None
        self.notes.append(judge.sentence)
        return judge

    def folder(self, suite: str) -> Path:
        if self.data is None:
            raise LineasError(
                f"The suite {suite!r} needs data that do not come with this program: give their folder with --data."
            )
        return self.data

    def answered(self) -> Generator[Reading, None, list[list[str]]]:
        """What every candidate says to the prompts, [candidate][prompt]; asked once for all suites."""
        if self._said is None:
            prompts = self.prompts or neutral_prompts(self.model)
            self._said = yield from answers(self.model, prompts, _rows(self.candidates), self.sampling)
        return self._said


def run_suite(name: str, bench: Bench) -> Measuring:
    """Each candidate's numbers in one suite, in order.

    Args:
        name: of ``SUITES``, "lm:" and a task of lm-evaluation-harness, or "classifier:" and a text classifier of Hugging Face.

    Raises:
        LineasError: an unknown suite; data or a package that is missing.
    """
    kind, colon, what = name.partition(":")
    if kind == "lm" and what:
        return _harness(what, bench)
    if kind == "classifier" and what:
        return _scored(what, bench)
    if name not in SUITES or colon:
        raise LineasError(
            f"There is no suite {name!r}. Choose from {', '.join(SUITES)}, lm:TASK and classifier:MODEL."
        )
    return SUITES[name](bench)


def _effect(bench: Bench) -> Measuring:
    texts = yield from bench.answered()
    reports = yield from report(bench.model, texts, bench.judge)
    if bench.target:  # a strong style is surprising by itself
        own = yield from perplexities(bench.model, bench.target)
        bench.notes.append(
            f"Your target sentences have a perplexity of {median_of(own):.3g} themselves, for the plain model."
        )
    return [_of_report(one) for one in reports]


def _of_report(one: TextReport) -> Numbers:
    perplexity = one.perplexity if one.perplexity == one.perplexity else None
    return {
        **_interval("effect", one.score),
        **_interval("gain", one.gain),
        "perplexity": perplexity,
        **asdict(one.statistics),
    }


def _cost(bench: Bench) -> Measuring:
    numbers: list[Numbers] = []
    for candidate in bench.candidates:
        steering, strength = candidate.steering, candidate.strength
        wiki = wiki_sentences()
        [point] = yield from cost_curve(bench.model, steering, bench.target or wiki[:1], wiki, (strength,))
        target = point.target_loss if bench.target else None
        numbers.append({"wiki_loss": point.wiki_loss, "target_loss": target})
    return numbers


def _blimp(bench: Bench) -> Measuring:
    pairs = load_blimp(bench.folder("blimp"), bench.items)
    found = []
    for candidate in bench.candidates:
        found.append((yield from blimp(bench.model, pairs, candidate.steering, candidate.strength)))
    return [_interval("blimp", one) for one in found]


def _mmlu(bench: Bench) -> Measuring:
    questions, solved = load_mmlu(bench.folder("mmlu"), bench.items)
    found = []
    for candidate in bench.candidates:
        found.append((yield from mmlu(bench.model, questions, solved, candidate.steering, candidate.strength)))
    return [_interval("mmlu", one) for one in found]


def _truthfulqa(bench: Bench) -> Measuring:
    questions = evenly(truthful_questions(bench.folder("truthfulqa")), bench.items)
    numbers: list[Numbers] = []
    for candidate in bench.candidates:
        scores = yield from truthfulqa(bench.model, questions, candidate.steering, candidate.strength)
        columns = {key: [getattr(score, key) for score in scores] for key in ("mc1", "mc2", "mc2_argmax")}
        numbers.append(
            {k: v for key, values in columns.items() for k, v in _interval(key, mean_interval(values)).items()}
        )
    return numbers


def _toxicity(bench: Bench) -> Measuring:
    if bench.prompts is not None or bench.data is None:
        return (yield from _scored("toxicity", bench))
    score = scorer_named("toxicity")
    prompts = [prompt.text for prompt in rtp_prompts(bench.data) if prompt.challenging]
    texts = yield from answers(bench.model, evenly(prompts, bench.items), _rows(bench.candidates), CONTINUING)
    return _marks("toxicity", score, texts)


def _sentiment(bench: Bench) -> Measuring:
    return (yield from _scored("sentiment", bench))


def _scored(name: str, bench: Bench) -> Measuring:
    score = scorer_named(name)
    return _marks(score.name, score, (yield from bench.answered()))


def _harness(task: str, bench: Bench) -> Measuring:
    numbers: list[Numbers] = []
    for candidate in bench.candidates:
        found = harness_tasks(
            bench.model, [task], candidate.steering, candidate.strength, items=bench.items, folder=bench.tasks
        )
        numbers.append({f"{name}:{metric}": value for name, of in found.items() for metric, value in of.items()})
        yield Reading(len(numbers), len(bench.candidates))
    return numbers


SUITES: dict[str, Callable[[Bench], Measuring]] = {
    "effect": _effect,
    "cost": _cost,
    "blimp": _blimp,
    "mmlu": _mmlu,
    "truthfulqa": _truthfulqa,
    "toxicity": _toxicity,
    "sentiment": _sentiment,
}


def candidates(steering: Steering, strengths: Sequence[float], instruction: str = "") -> list[Candidate]:
    """The plain model, the map at each strength above 0, and an instruction where there is one."""
    steered = [
        Candidate(f"{strength:g}", steering, strength) for strength in dict.fromkeys(strengths) if strength != 0
    ]
    told = [Candidate("instruction", Instruction({}, {"instruction": instruction}))] if instruction else []
    return [Candidate("0", None, 0.0), *steered, *told]


def _rows(of: Sequence[Candidate]) -> list[Row]:
    return [Row(candidate.steering, candidate.strength) for candidate in of]


def _marks(name: str, score: Score, texts: Sequence[Sequence[str]]) -> list[Numbers]:
    marks = [text_scores(score, row) for row in texts]
    gains = [None, *(gain_interval(marks[0], row) for row in marks[1:])]
    return [
        {**_interval(name, mean_interval(row)), **_interval(f"{name}_change", gain)}
        for row, gain in zip(marks, gains, strict=True)
    ]


def _interval(name: str, interval: Interval | None) -> Numbers:
    if interval is None:
        return {name: None}
    return {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}

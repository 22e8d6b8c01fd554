"""Both lists of examples from one phrase: what the model says plainly, and what it says when it is asked for the phrase."""

import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from lineas.evaluation.drafting.asking import SHOWN, Ask, clean_wish, plain_ask, questions, rewriting_asks, styled_asks
from lineas.evaluation.drafting.judging import CLEAR_GAIN, LEAST_GAIN, Fault, alike, fault, gains, whole_sentences
from lineas.generation.sampling import Sampling
from lineas.generation.streaming import stream
from lineas.models.loaded import LoadedModel

TOKENS = 36
"""Longest answer of which a draft is made, in tokens."""
AT_ONCE = 4
"""Questions in one batch: few, so that the first drafts come soon."""
PATIENCE = 3
"""Questions that are tried for each draft that is wanted, at most."""


@dataclass(frozen=True)
class Drafts:
    """What there is after a batch.

    Attributes:
        source, target: the drafts of both lists so far, without the person's own sentences.
        gain: mean of how much likelier, in nats a token, the phrase makes the target drafts.
        tried: number of questions that were asked.
        dropped: how often something was left out, and why.
    """

    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    gain: float = 0.0
    tried: int = 0
    dropped: Counter[Fault] = field(default_factory=Counter)

    @property
    def differ(self) -> bool:
        """Whether the phrase clearly changes what this model says."""
        return self.gain >= CLEAR_GAIN and len(self.target) > self.dropped["same"]


def draft(
    model: LoadedModel,
    wish: str,
    count: int = 16,
    *,
    source: Sequence[str] = (),
    target: Sequence[str] = (),
    rewrite: bool = False,
    seed: int = 0,
    stop: threading.Event | None = None,
) -> Iterator[Drafts]:
    """Draft examples for a phrase such as "a grumpy old wizard"; yield what there is after each batch.

    Plain answers to everyday questions become source examples. The same questions, asked under the phrase in several wordings,
    give the target examples: of the usable answers to each question the one that the phrase makes likeliest.

    Args:
        count: number of drafts for each list; fewer where too many had to be left out.
        source, target: sentences that are there already: no draft repeats them, and those of the target are shown to the model.
        rewrite: put each sentence of ``source`` into the wanted style, instead of answering questions; no source drafts then.
        seed: decides the order of the questions and what the model says.
        stop: ends it after the current token when set.

    Raises:
        LineasError: no phrase, a very long one, or nothing to rewrite.

    Example:
        for drafts in draft(load_model("default"), "a grumpy old wizard"):
            print(drafts.target)
    """
    wish, stop = clean_wish(wish), stop or threading.Event()
    subjects = list(dict.fromkeys(source)) if rewrite else questions(seed)
    wanted = len(subjects) if rewrite else count
    found, gain = Drafts(), 0.0
    for start in range(0, min(len(subjects), PATIENCE * wanted), AT_ONCE):
        asked = subjects[start : start + AT_ONCE]
        shown = Random(seed + start).sample([*target], min(SHOWN, len(target)))
        read = _answers(model, wish, asked, shown, rewrite, seed, stop)
        if read is None:
            return
        plain, styled = read
        new_source, new_target, dropped = list(found.source), list(found.target), Counter(found.dropped)
        for one, candidates in zip(plain, styled, strict=True):
            if not rewrite and (wrong := fault(one, [*source, *new_source])):
                dropped[wrong] += 1
                continue
            best, score, why = _best(one, candidates, [*target, *new_target])
            if why is not None:
                dropped[why] += 1
                continue
            if not rewrite:
                new_source.append(one)
            new_target.append(best)
            gain += score
            if len(new_target) == wanted:
                break
        mean = gain / len(new_target) if new_target else 0.0
        found = Drafts(tuple(new_source), tuple(new_target), mean, found.tried + len(asked), dropped)
        yield found
        if len(new_target) == wanted:
            return


Candidate = tuple[str, float]
"""A text, and how much likelier the phrase makes it."""


def _answers(
    model: LoadedModel,
    wish: str,
    subjects: Sequence[str],
    shown: Sequence[str],
    rewrite: bool,
    seed: int,
    stop: threading.Event,
) -> tuple[list[str], list[list[Candidate]]] | None:
    """Ask for every subject's plain sentence and its candidates for the target; None if it was stopped."""
    chats = model.has_chat_template
    asks: list[list[Ask]] = [
        rewriting_asks(wish, one, chats, shown) if rewrite else [plain_ask(one, chats), *styled_asks(wish, one, chats, shown)]
        for one in subjects
    ]  # fmt: skip
    sampling = Sampling(TOKENS, temperature=0.8, seed=seed, stop=() if chats else ('"', "\n"))
    prompts, rows = zip(*(ask for of_one in asks for ask in of_one), strict=True)
    last = deque(stream(model, prompts, rows, sampling, stop=stop, spare_core=True), maxlen=1)
    if stop.is_set():
        return None
    answers = last[0]
    said = iter(whole_sentences(answer.text, answer.tokens < TOKENS) for answer in answers)
    texts = [[next(said) for _ in of_one] for of_one in asks]
    plain = list(subjects) if rewrite else [found.pop(0) for found in texts]
    scores = iter(gains(model, wish, [text for found in texts for text in found if text]))
    return plain, [[(text, next(scores) if text else 0.0) for text in found] for found in texts]


def _best(plain: str, candidates: Sequence[Candidate], others: Sequence[str]) -> tuple[str, float, Fault | None]:
    """The usable candidate that the phrase makes likeliest, with its gain; or why there is none."""
    faults: list[Fault] = []
    best: Candidate = ("", 0.0)
    for text, score in candidates:
        wrong = fault(text, others)
        if wrong is None and (score < LEAST_GAIN or alike(text, plain)):
            wrong = "same"
        if wrong is not None:
            faults.append(wrong)
        elif score > best[1]:
            best = text, score
    # of several reasons the one that says most about the model
    return (*best, None) if best[0] else ("", 0.0, "same" if "same" in faults else faults[0])

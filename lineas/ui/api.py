"""The studio for scripts: three named endpoints, two of which are also tools for language models (``--mcp``).

Gradio reads the type hints and docstrings of the endpoints, so both stay as simple as it needs them; arguments are checked here.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import gradio as gr
from starlette.concurrency import run_in_threadpool

from lineas.errors import LineasError, describe, short
from lineas.storage import MODES
from lineas.training.recipes import LARGEST_SEED
from lineas.ui import view_state
from lineas.ui.context import Context
from lineas.ui.pages.compare.record import Question

if TYPE_CHECKING:
    from lineas.generation.listener import Answer
    from lineas.storage import Concept

REPORT_INTERVAL = 0.5
"""Seconds between two reports of a training."""
ENDPOINTS = ("concepts", "compare", "teach")
endpoint: Any = gr.api  # type: ignore[attr-defined]  # it is public; Gradio does not list it


def offer(ctx: Context) -> None:
    """Add the endpoints to the page that is being built."""
    service = ctx.service

    def concepts() -> list:  # type: ignore[type-arg]
        """Lists every concept that can steer the model's answers.

        Returns:
            Objects with id, name, kind, recommended_strength, base_model, created, note, instruction and mode (the advised one).
        """
        fields = ("id", "name", "kind", "recommended_strength", "base_model", "created", "note", "instruction", "mode")
        return [_fields(concept, *fields) for concept in service.concepts()]

    async def compare(
        prompt: str,
        concept: str = "",
        strength: float = 1.0,
        system: str = "",
        instruction: str = "",
        seed: int = 0,
        length: int = 80,
        variety: float = 0.7,
        chat: bool = True,
        mode: str = "show",
        third: bool = True,
    ) -> dict:  # type: ignore[type-arg]
        """Answers a prompt twice with the same randomness: by the plain model, and steered by a concept.

        Args:
            prompt: The question to answer, or a text to continue.
            concept: Id or name of a concept from the list of concepts; empty for the plain model alone.
            strength: 0 is the plain model, 1 the concept as it was taught, up to 2 is stronger.
            system: Instructions (system prompt) for all answers.
            instruction: The same wish in words, for a third answer and for the modes say and both (empty there: the concept's own).
            seed: The same number gives the same answers again.
            length: The most tokens in an answer.
            variety: Sampling temperature; 0 always takes the likeliest word.
            chat: True to get an answer, False to have the text continued.
            mode: How the concept reaches the model. show: it steers; say: its instruction stands in the system prompt; both: both.
            third: With say or both, False leaves the third answer out.

        Returns:
            An object with original, steered and instructed (null where not asked for), tokens of each answer, and warning.
        """
        stop = Event()

        def answer() -> dict[str, Any]:
            chosen = _concept(service.concepts(), _text("concept", concept))
            question = Question(
                prompt=_text("prompt", prompt),
                concept=chosen.id if chosen else "",
                strength=_number("strength", strength, 0, 2),
                system=_text("system", system),
                instruction=_text("instruction", instruction).strip(),
                seed=int(_number("seed", seed, 0, LARGEST_SEED)),
                max_new_tokens=int(_number("length", length, 1, 4000)),
                temperature=_number("variety", variety, 0, 5),
                chat=bool(chat),
                mode=_mode(mode),
                third=bool(third),
            )
            return _answer(ctx, question, chosen, stop)

        try:
            with _gradio_errors():
                return await asyncio.shield(run_in_threadpool(answer))
        finally:
            stop.set()  # the client may have cancelled; the thread then ends after its token, and nobody waits for it

    def teach(
        name: str,
        source: list,  # type: ignore[type-arg]
        target: list,  # type: ignore[type-arg]
        recipe: str = "quick",
        steps: int = 0,
        seed: int = 0,
    ) -> Iterator[dict]:  # type: ignore[type-arg]
        """Teaches a concept from two lists of sentences and reports until it is done. Teaching continues when nobody listens.

        Args:
            name: The concept's name.
            source: Sentences as the model talks now, at least 4.
            target: Sentences as it should talk, at least 4.
            recipe: quick, thorough or paper.
            steps: 0 for as many as the recipe says.
            seed: The same number gives the same concept again.

        Returns:
            Objects with run, state, step, of, distance and distance_start; the last one has the concept's id.
        """
        with _gradio_errors():
            run_id = service.teach(
                _text("name", name) or "My concept",
                _lines("source", source),
                _lines("target", target),
                recipe=_text("recipe", recipe),
                steps=int(_number("steps", steps, 0, 1_000_000)) or None,
                seed=int(_number("seed", seed, 0, LARGEST_SEED)),
            )
        while True:
            record = next((record for record in service.runs() if record.id == run_id), None)
            if record is None:
                raise gr.Error("This training was deleted.")
            report = _fields(record, "state", "step", "of", "distance", "distance_start")
            yield {"run": run_id, **report, "concept": f"run:{run_id}" if record.state == "done" else None}
            if not record.active:
                if record.state == "failed":
                    raise gr.Error(record.error)
                return
            time.sleep(REPORT_INTERVAL)

    endpoint(concepts, api_name="concepts", concurrency_limit=8)
    endpoint(compare, api_name="compare", concurrency_limit=8)
    # a language model's tool should answer within moments, so teaching is for people and scripts
    endpoint(teach, api_name="teach", concurrency_limit=8, api_visibility="undocumented" if ctx.mcp else "public")


def _answer(ctx: Context, question: Question, chosen: Concept | None, stop: Event) -> dict[str, Any]:
    """What ``compare`` returns; less of it where ``stop`` was set."""
    if chosen and question.mode != "show" and not question.instruction:
        own = view_state.known_instruction(chosen, ctx.presets)
        if not own:
            raise LineasError(f"{chosen.name!r} has no instruction of its own. Write one, or use the mode show.")
        question = replace(question, instruction=own, third=False)
    ctx.service.model_slot.ready()  # fails now if there is no model; answering imports what the loading thread imports
    with closing(ctx.service.answers.answer(question.comparison(), stop)) as stream:
        newest = deque(stream, maxlen=1)
    answers: Sequence[Answer] = newest[0] if newest else ()
    texts = iter(answer.text for answer in answers)
    return {
        "original": next(texts, ""),
        "steered": next(texts, "") if question.concept else None,
        "instructed": next(texts, "") if question.instructed else None,
        "tokens": [answer.tokens for answer in answers],
        "warning": stream.warning,
    }


def _fields(of: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}


def _concept(concepts: list[Concept], wanted: str) -> Concept | None:
    """The concept with that id or name, of several with one name the newest; None for an empty text."""
    if not wanted.strip():
        return None
    for concept in concepts:
        if wanted == concept.id or wanted.strip().casefold() == concept.name.casefold():
            return concept
    raise LineasError(f"There is no concept {short(wanted)!r}. There are: {', '.join(c.name for c in concepts)}.")


@contextmanager
def _gradio_errors() -> Iterator[None]:
    """Turn every exception into a ``gr.Error`` with one plain sentence, which Gradio sends to the client."""
    try:
        yield
    except Exception as error:
        raise gr.Error(describe(error)) from error


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise LineasError(f"{name} must be a text, not {short(value)!r}.")
    return value


def _mode(value: Any) -> Any:
    if value not in MODES:
        raise LineasError(f"mode must be {', '.join(MODES[:-1])} or {MODES[-1]}, not {short(value)!r}.")
    return value


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise LineasError(f"{name} must be a number from {low:g} to {high:g}, not {short(value)!r}.")
    return float(value)


def _lines(name: str, value: Any) -> str:
    """A list of sentences as text, one per line, as in the boxes of the page Teach."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or not all(isinstance(sentence, str) for sentence in value):
        raise LineasError(f"{name} must be a list of sentences, not {str(value)[:60]!r}.")
    return "\n".join(" ".join(sentence.split()) for sentence in value)

"""The studio for scripts: three named endpoints; a language model's tools are two of them (``--mcp``).

Gradio reads the type hints and docstrings below, so both stay as plain as it needs them: what arrives is checked here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.errors import LineasError, describe
from lineas.training.recipes import LARGEST_SEED
from lineas.ui.context import Context
from lineas.ui.pages.compare.record import Question

if TYPE_CHECKING:
    from lineas.storage import Concept

PACE = 0.5
"""Seconds between two reports of a training."""
endpoint: Any = gr.api  # type: ignore[attr-defined]  # it is public; Gradio does not list it
ENDPOINTS = ("concepts", "compare", "teach")


def offer(ctx: Context) -> None:
    """Adds the endpoints to the page that is being built."""
    service = ctx.service

    def concepts() -> list:  # type: ignore[type-arg]
        """Lists every concept that can steer the model's answers.

        Returns:
            A list of objects with id, name, kind (run, imported or preset), recommended_strength, base_model, created and note.
        """
        return [_described(concept) for concept in service.concepts()]

    def compare(
        prompt: str,
        concept: str = "",
        strength: float = 1.0,
        system: str = "",
        instruction: str = "",
        seed: int = 0,
        length: int = 80,
        variety: float = 0.7,
        chat: bool = True,
    ) -> dict:  # type: ignore[type-arg]
        """Answers a prompt twice, from the same random numbers: by the plain model, and steered by a concept.

        Args:
            prompt: What to answer, or a text to go on with.
            concept: Id or name of a concept, as the list of concepts has them; empty for the plain model alone.
            strength: 0 is the plain model, 1 the concept as it was taught, up to 2 is more.
            system: Standing orders for all answers.
            instruction: The same wish in words, for a third answer without the concept; empty for none.
            seed: The same number gives the same answers again.
            length: At most this many tokens an answer.
            variety: Sampling temperature; 0 takes the likeliest word each time.
            chat: True to be answered, False to have the text continued.

        Returns:
            An object with original, steered and instructed (null where not asked for), tokens of each answer, and warning.
        """
        with _in_plain_words():
            asked = Question(
                prompt=_text("prompt", prompt),
                concept=_concept_id(service.concepts(), _text("concept", concept)),
                strength=_number("strength", strength, 0, 2),
                system=_text("system", system),
                wish=_text("instruction", instruction).strip(),
                seed=int(_number("seed", seed, 0, LARGEST_SEED)),
                length=int(_number("length", length, 1, 4000)),
                variety=_number("variety", variety, 0, 5),
                chat=bool(chat),
            )
            answers, warning = answer(asked)
        texts = iter(answers)
        return {
            "original": next(texts)[0],
            "steered": next(texts)[0] if asked.concept else None,
            "instructed": next(texts)[0] if asked.wish else None,
            "tokens": [tokens for _, tokens in answers],
            "warning": warning,
        }

    def answer(asked: Question) -> tuple[list[tuple[str, int]], str | None]:
        service.model_slot.ready()  # or tell why not; the lines below import what the loading thread is about to import
        stream = service.answers.compare(
            asked.prompt,
            asked.concept or None,
            asked.strength,
            asked.sampling(),
            stop=Event(),
            system=asked.system or None,
            extra_rows=asked.extra_rows(),
        )
        with closing(stream):
            *_, last = stream
        return [(answer.text, answer.tokens) for answer in last], stream.warning

    def teach(
        name: str,
        source: list,  # type: ignore[type-arg]
        target: list,  # type: ignore[type-arg]
        recipe: str = "quick",
        steps: int = 0,
        seed: int = 0,
    ) -> Iterator[dict]:  # type: ignore[type-arg]
        """Teaches a concept from two lists of sentences and reports until it is done; it goes on when nobody listens.

        Args:
            name: What the concept is called.
            source: Sentences as the model talks now, at least 4.
            target: Sentences as it is wanted to talk, at least 4.
            recipe: quick, thorough or paper.
            steps: 0 for as many as the recipe says.
            seed: The same number gives the same concept again.

        Returns:
            Objects with run, state, step, of, distance and distance_start; the last one has the concept's id.
        """
        with _in_plain_words():
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
            yield {
                "run": run_id,
                "state": record.state,
                "step": record.step,
                "of": record.of,
                "distance": record.distance,
                "distance_start": record.distance_start,
                "concept": f"run:{run_id}" if record.state == "done" else None,
            }
            if not record.active:
                if record.state == "failed":
                    raise gr.Error(record.error)
                return
            time.sleep(PACE)

    endpoint(concepts, api_name="concepts", concurrency_limit=8)
    endpoint(compare, api_name="compare", concurrency_limit=8)
    # a tool of a language model answers within moments; a training is for people and scripts to begin
    endpoint(teach, api_name="teach", concurrency_limit=8, api_visibility="undocumented" if ctx.mcp else "public")


def _described(concept: Concept) -> dict[str, Any]:
    fields = ("id", "name", "kind", "recommended_strength", "base_model", "created", "note")
    return {field: getattr(concept, field) for field in fields}


def _concept_id(concepts: list[Concept], wanted: str) -> str:
    """The id of the concept of that id or name; of several of one name the newest."""
    if not wanted.strip():
        return ""
    for concept in concepts:
        if wanted == concept.id or wanted.strip().casefold() == concept.name.casefold():
            return concept.id
    raise LineasError(f"There is no concept {wanted!r}. There are: {', '.join(c.name for c in concepts)}.")


@contextmanager
def _in_plain_words() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise gr.Error(describe(error)) from error


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise LineasError(f"{name} has to be a text, not {value!r}.")
    return value


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise LineasError(f"{name} has to be a number from {low:g} to {high:g}, not {value!r}.")
    return float(value)


def _lines(name: str, value: Any) -> str:
    """A list of sentences as the pages have them: one a line."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or not all(isinstance(sentence, str) for sentence in value):
        raise LineasError(f"{name} has to be a list of sentences, not {str(value)[:60]!r}.")
    return "\n".join(" ".join(sentence.split()) for sentence in value)

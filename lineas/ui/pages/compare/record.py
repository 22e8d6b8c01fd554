"""A comparison as data: what was asked, what was answered, and the same as a file or as code that repeats it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineas.storage import MODES
from lineas.ui import text as ui_text
from lineas.ui.components.question import sampling, valid_seed

if TYPE_CHECKING:
    from lineas.generation.prompts import Mode, Row, Turn
    from lineas.service.comparing import Comparison

FILE_KEYS = {"instruction": "wish", "max_new_tokens": "length", "temperature": "variety"}
"""Names of a question's fields in saved files, where they differ."""
LATER_FIELDS = ("mode", "third")
"""Fields, the last ones, that version 0.1.0 does not have."""


@dataclass(frozen=True)
class Question:
    """Everything that determines the answers.

    Attributes:
        concept: a concept's id; empty for the plain model alone.
        instruction: the concept in words, for a third answer without the concept, and for ``mode``; empty for none.
        chat: asks with the model's chat template, if it has one; otherwise the model continues the text.
        mode: how the concept reaches the model: its map steers (show), the instruction says it, or both.
        third: whether an instruction brings the third answer.
    """

    prompt: str
    concept: str = ""
    strength: float = 1.0
    system: str = ""
    instruction: str = ""
    seed: int = 0
    max_new_tokens: int = 80
    temperature: float = 0.7
    chat: bool = True
    mode: Mode = "show"
    third: bool = True

    @classmethod
    def from_page(cls, *asked: Any) -> Question:
        """Make a question from the values of ``ComparePage.asked``."""
        prompt, concept, strength, system, instruct, instruction, seed, max_new_tokens, temperature, chat, mode = asked
        if mode not in MODES:
            mode = "show"
        return cls(
            prompt=prompt or "",
            concept=concept or "",
            strength=float(strength),
            system=(system or "").strip(),
            instruction=(instruction or "").strip() if instruct or mode != "show" else "",
            seed=valid_seed(seed),
            max_new_tokens=int(max_new_tokens),
            temperature=temperature,
            chat=chat == "chat",
            mode=mode,
            third=bool(instruct) or mode == "show",
        )

    @property
    def instructed(self) -> bool:
        """Whether there is a third answer."""
        return self.third and bool(self.instruction)

    @property
    def full_instruction(self) -> str:
        """The system prompt of the third answer."""
        return "\n\n".join(filter(None, (self.system, self.instruction)))

    def extra_rows(self) -> list[Row]:
        """The third answer, of the plain model with the instruction in its system prompt."""
        from lineas.generation.prompts import Row

        return [Row(None, 0.0, self.full_instruction)] if self.instructed else []

    def comparison(self, earlier: Sequence[tuple[Turn, ...]] = ()) -> Comparison:
        """What the service is asked: plain, with the concept if there is one, and the third answer if there is one.

        Args:
            earlier: the conversation before the question, one for each answer.
        """
        from lineas.service.comparing import Comparison

        return Comparison(
            self.prompt,
            self.concept or None,
            self.strength,
            sampling(self.seed, self.max_new_tokens, self.temperature, "chat" if self.chat else "plain"),
            system=self.system or None,
            extra_rows=self.extra_rows(),
            mode=self.mode,
            instruction=self.instruction,
            earlier=earlier,
        )

    def values(self) -> dict[str, Any]:
        """The question as data; as older versions wrote it where the concept is shown."""
        return {key: value for key, value in asdict(self).items() if self.mode != "show" or key not in LATER_FIELDS}


@dataclass(frozen=True)
class TimedAnswer:
    """One answer, and the seconds from its first token to its last.

    Attributes:
        ending, ids: as ``Answer`` has them.
        role: the panel in which it stands: plain, steered or told (instructed).
    """

    heading: str
    text: str
    tokens: int = 0
    seconds: float = 0.0
    ending: str = ""
    ids: tuple[int, ...] = ()
    role: str = ""

    @property
    def speed(self) -> float | None:
        """Tokens per second; None for an answer too short to measure."""
        return (self.tokens - 1) / self.seconds if self.tokens > 3 and self.seconds > 0.1 else None


@dataclass(frozen=True)
class Exchange:
    """A question with its answers: original, with the concept, with the instruction.

    Attributes:
        concept: the concept's name.
        tints: for the original and the steered answer, pieces of the text with how much likelier the concept makes them
            (``TintedText``); empty where that was not asked for.
    """

    question: Question
    concept: str
    model: str
    answers: tuple[TimedAnswer, ...] = ()
    when: str = ""
    tints: tuple[tuple[tuple[str, float], ...], ...] = ()

    @property
    def file_stem(self) -> str:
        name = "".join(c if c.isalnum() else "-" for c in self.concept.lower()).strip("-") or "plain"
        return f"comparison-{name[:40]}-{self.when[:19].replace(':', '').replace('T', '-')}"


def timestamp() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def as_data(exchange: Exchange) -> dict[str, Any]:
    """An exchange for JSON, with the names that saved files have always had."""
    question = {FILE_KEYS.get(key, key): value for key, value in exchange.question.values().items()}
    kept = asdict(exchange)
    del kept["tints"]
    answers = [{key: answer[key] for key in ("heading", "text", "tokens", "seconds")} for answer in kept["answers"]]
    return {**kept, "question": question, "answers": answers}


def as_json(exchange: Exchange) -> str:
    return json.dumps({"format": "lineas-comparison", **as_data(exchange)}, ensure_ascii=False, indent=1) + "\n"


def as_markdown(exchange: Exchange) -> str:
    """The comparison as Markdown. Text that a person or a model wrote stands in code blocks, which Markdown leaves alone."""
    question = exchange.question
    facts = [
        (ui_text.FILE_CONCEPT, exchange.concept),
        (ui_text.FILE_SAY_SHOW, ui_text.FILE_SAY_SHOWS[question.mode] if exchange.concept else ""),
        (
            ui_text.FILE_STRENGTH,
            ui_text.number(question.strength) if exchange.concept and question.mode != "say" else "",
        ),
        (ui_text.FILE_MODEL, ui_text.model(exchange.model)),
        (ui_text.FILE_MODE, ui_text.FILE_MODES[question.chat]),
        (ui_text.FILE_SEED, str(question.seed)),
        (ui_text.FILE_VARIETY, ui_text.number(question.temperature)),
        (ui_text.FILE_LENGTH, str(question.max_new_tokens)),
        (ui_text.FILE_WHEN, ui_text.day(exchange.when, time=True)),
    ]
    lines = [f"# {ui_text.FILE_TITLE}", "", *(f"- {name}: {_one_line(fact)}" for name, fact in facts if fact), ""]
    texts = [
        (ui_text.FILE_QUESTION, question.prompt),
        (ui_text.FILE_SYSTEM, question.system),
        (ui_text.INSTRUCTION, question.instruction),
    ]
    texts += [(f"{answer.heading} ({ui_text.tokens(answer.tokens)})", answer.text) for answer in exchange.answers]
    for heading, text in texts:
        if text:
            block = [f"    {line}".rstrip() for line in text.splitlines()]
            lines += [f"## {_one_line(heading)}", "", *block, ""]
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ---- as code


def python_code(question: Question, model: str, path: Path) -> str:
    """A Python program that prints the answers; ``path`` is the concept's file."""
    names, imports, instruction = ["original", "steered"], "Row, Sampling, SteeringMap", ""
    rows = ["Row(system=system)", f"Row(concept, {question.strength:g}, system=system)"]
    if question.mode != "show":
        imports = f"{imports}, concept_row"
        instruction = f"instruction = {question.instruction!r}\n"
        rows[1] = f"concept_row(concept, {question.strength:g}, {question.mode!r}, instruction, system)"
    if question.instructed:
        rows.append(f"Row(system={question.full_instruction!r})")
        names.append("instructed")
    chat = "" if question.chat else ", chat=False"
    sampled = (
        f"max_new_tokens={question.max_new_tokens}, temperature={question.temperature:g}, seed={question.seed}{chat}, "
        "whole_sentences=True"
    )
    return f"""from lineas import {imports}, generate, load_model

model = load_model({model!r})
concept = SteeringMap.load({str(path)!r})
prompt = {question.prompt!r}
system = {question.system or None!r}
{instruction}sampling = Sampling({sampled})
rows = [{", ".join(rows)}]

for name, answer in zip({names!r}, generate(model, [prompt], rows, sampling)[0]):
    print(f"{{name}}: {{answer.text}}\\n")
"""


def command(question: Question, model: str, path: Path) -> str:
    """A shell command that prints the original and the steered answer; ``lineas generate`` has no third one."""
    mode, strength = question.mode, question.strength
    if mode == "say" or (mode == "both" and strength == 0):  # to the command, strength 0 is the plain model
        mode, strength = "say", 1.0
    flags: list[tuple[str, Any]] = [
        ("--map", path),
        ("--prompt", question.prompt),
        *([("--system", question.system)] if question.system else []),
        *([("--mode", mode), ("--instruction", question.instruction)] if mode != "show" else []),
        ("--max-new-tokens", question.max_new_tokens),
        ("--temperature", f"{question.temperature:g}"),
        ("--seed", question.seed),
        *([("--model", model)] if model != "default" else []),
    ]
    # with "=", because a text that begins with a dash would be taken for a flag
    parts = [f"{flag}={shlex.quote(str(value))}" for flag, value in flags]
    parts += ["--whole-sentences"] + ([] if question.chat else ["--no-chat"])
    parts.append(f"--strength {' '.join(f'{s:g}' for s in sorted({0.0, strength}))}")
    joined = " \\\n    ".join(parts)
    return f"python -m lineas generate {joined}\n"


def curl(question: Question, url: str, auth: bool = False) -> str:
    """A shell script that asks this running studio: one request begins the answers, another one waits for them. With ``auth`` a
    request before them signs in, with a name and password that the person fills in."""
    call = shlex.quote(f"{url.rstrip('/')}/gradio_api/call/compare")
    body = shlex.quote(json.dumps({"data": list(question.values().values())}))
    event = """sed 's/.*"event_id": *"\\([^"]*\\)".*/\\1/'"""
    sign_in = cookies = ""
    if auth:
        login = shlex.quote(f"{url.rstrip('/')}/login")
        fields = "--data-urlencode username='NAME' --data-urlencode password='PASSWORD'"
        sign_in = f"# write the name and the password with which you sign in\ncurl -s -o /dev/null -c cookies {fields} {login}\n"
        cookies = " -b cookies"
    return f"""{sign_in}EVENT=$(curl -s{cookies} -X POST {call} -H 'Content-Type: application/json' \\
    -d {body} \\
    | {event})
curl -sN{cookies} {call}/$EVENT
"""

"""A comparison as a thing to keep: what was asked, what was answered, and the same in a file or as code that repeats it."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineas.training.recipes import LARGEST_SEED
from lineas.ui import text as ui_text

if TYPE_CHECKING:
    from lineas.generation.prompts import Row
    from lineas.generation.sampling import Sampling


@dataclass(frozen=True)
class Question:
    """All that decides two answers.

    Attributes:
        concept: its id; empty for the plain model alone.
        wish: an instruction for a third answer, without the concept; empty for none.
        chat: as a chat turn, where the model has a template; else it goes on with the text.
    """

    prompt: str
    concept: str = ""
    strength: float = 1.0
    system: str = ""
    wish: str = ""
    seed: int = 0
    length: int = 80
    variety: float = 0.7
    chat: bool = True

    def sampling(self) -> Sampling:
        from lineas.generation.sampling import Sampling

        return Sampling(
            max_new_tokens=self.length,
            temperature=self.variety,
            seed=self.seed,
            chat=None if self.chat else False,
        )

    def extra_rows(self) -> list[Row]:
        """The third column: the plain model with the wish among its standing orders."""
        from lineas.generation.prompts import Row

        return [Row(None, 0.0, "\n\n".join(filter(None, (self.system, self.wish))))] if self.wish else []


@dataclass(frozen=True)
class Said:
    """One answer in full. Seconds from the first token to the last."""

    heading: str
    text: str
    tokens: int = 0
    seconds: float = 0.0

    @property
    def speed(self) -> float | None:
        """Tokens per second; None where that would be a guess."""
        return (self.tokens - 1) / self.seconds if self.tokens > 3 and self.seconds > 0.1 else None


@dataclass(frozen=True)
class Exchange:
    """A question with its answers: original, with the concept, with the instruction."""

    question: Question
    concept: str  # by name
    model: str
    answers: tuple[Said, ...] = ()
    when: str = ""

    @property
    def file_stem(self) -> str:
        name = "".join(c if c.isalnum() else "-" for c in self.concept.lower()).strip("-") or "plain"
        return f"comparison-{name[:40]}-{self.when[:19].replace(':', '').replace('T', '-')}"


def dice(typed: float | None) -> int:
    """The dice roll that a number in its field stands for."""
    return abs(int(typed or 0)) % (LARGEST_SEED + 1)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def as_json(exchange: Exchange) -> str:
    answers = [asdict(said) for said in exchange.answers]
    kept = {**asdict(exchange), "answers": answers}
    return json.dumps({"format": "lineas-comparison", **kept}, ensure_ascii=False, indent=1) + "\n"


def as_markdown(exchange: Exchange) -> str:
    """To read and to paste; what a person or a model wrote stands in blocks that Markdown leaves alone."""
    question = exchange.question
    facts = [
        (ui_text.FILE_CONCEPT, exchange.concept),
        (ui_text.FILE_STRENGTH, f"{question.strength:g}" if exchange.concept else ""),
        (ui_text.FILE_MODEL, exchange.model),
        (ui_text.FILE_MODE, ui_text.FILE_MODES[question.chat]),
        (ui_text.FILE_SEED, str(question.seed)),
        (ui_text.FILE_VARIETY, f"{question.variety:g}"),
        (ui_text.FILE_LENGTH, str(question.length)),
        (ui_text.FILE_WHEN, exchange.when),
    ]
    lines = [f"# {ui_text.FILE_TITLE}", "", *(f"- {name}: {_one_line(fact)}" for name, fact in facts if fact), ""]
    texts = [
        (ui_text.FILE_QUESTION, question.prompt),
        (ui_text.FILE_SYSTEM, question.system),
        (ui_text.WISH, question.wish),
    ]
    texts += [(f"{said.heading} ({ui_text.tokens(said.tokens)})", said.text) for said in exchange.answers]
    for heading, text in texts:
        if text:
            lines += [f"## {_one_line(heading)}", "", *_block(text), ""]
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _block(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in text.splitlines()]


# ---- as code


def python_code(question: Question, model: str, path: Path) -> str:
    rows = ["Row(system=system)", f"Row(concept, {question.strength:g}, system=system)"]
    names = ["original", "steered"]
    if question.wish:
        joined = "\n\n".join(filter(None, (question.system, question.wish)))
        rows.append(f"Row(system={joined!r})")
        names.append("instructed")
    chat = "" if question.chat else ", chat=False"
    return f"""from lineas import Row, Sampling, SteeringMap, generate, load_model

model = load_model({model!r})
concept = SteeringMap.load({str(path)!r})
prompt = {question.prompt!r}
system = {question.system or None!r}
sampling = Sampling(max_new_tokens={question.length}, temperature={question.variety:g}, seed={question.seed}{chat})
rows = [{", ".join(rows)}]

for name, answer in zip({names!r}, generate(model, [prompt], rows, sampling)[0]):
    print(f"{{name}}: {{answer.text}}\\n")
"""


def command(question: Question, model: str, path: Path) -> str:
    """For a shell; the third answer is left out, since it needs no concept."""
    strengths = sorted({0.0, question.strength})
    flags: list[tuple[str, Any]] = [
        ("--map", path),
        ("--prompt", question.prompt),
        *([("--system", question.system)] if question.system else []),
        ("--max-new-tokens", question.length),
        ("--temperature", f"{question.variety:g}"),
        ("--seed", question.seed),
    ]
    if model != "default":
        flags.append(("--model", model))
    # with "=", since a text that begins with a dash would be taken for a flag
    given = " \\\n    ".join(f"{flag}={shlex.quote(str(value))}" for flag, value in flags)
    if not question.chat:
        given += " \\\n    --no-chat"
    return f"python -m lineas generate {given} \\\n    --strength {' '.join(f'{s:g}' for s in strengths)}\n"


def curl(question: Question, url: str, auth: bool = False) -> str:
    """Asks this running studio: one request that begins it, one that waits for the answers. With ``auth`` one before them that
    signs in, whose name and password are for the person to write."""
    data = [
        question.prompt,
        question.concept,
        question.strength,
        question.system,
        question.wish,
        question.seed,
        question.length,
        question.variety,
        question.chat,
    ]
    call = f"{url.rstrip('/')}/gradio_api/call/compare"
    body = shlex.quote(json.dumps({"data": data}))
    event = """sed 's/.*"event_id": *"\\([^"]*\\)".*/\\1/'"""
    sign_in = with_it = ""
    if auth:
        login = shlex.quote(f"{url.rstrip('/')}/login")
        fields = "--data-urlencode username='NAME' --data-urlencode password='PASSWORD'"
        sign_in = f"# write the name and the password with which you sign in\ncurl -s -o /dev/null -c cookies {fields} {login}\n"
        with_it = " -b cookies"
    return f"""{sign_in}EVENT=$(curl -s{with_it} -X POST {shlex.quote(call)} -H 'Content-Type: application/json' \\
    -d {body} \\
    | {event})
curl -sN{with_it} {shlex.quote(call)}/$EVENT
"""

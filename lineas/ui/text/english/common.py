"""Words of the whole studio, and words that several pages share."""

from datetime import datetime
from typing import Any

LANGUAGE = "English"
APP = "LinEAS Studio"
TAGLINE = "Show a language model how to talk. It learns from your examples."
SWITCH_THEME = "Switch between light and dark"
TEACH, COMPARE = "Teach", "Compare"
CONCEPT, STRENGTH = "Concept", "Strength"
DEFAULT_MODEL = "SmolLM2-135M-Instruct"
CONCEPT_KINDS = {"preset": "ready-made", "run": "yours", "imported": "added", "mixed": "mixed"}
DISTANCE = "Distance to the concept"
MORE = "More settings"
COPY, COPIED = "Copy", "Copied"
NOTHING_SAID = "(It gave an empty answer.)"
USE_IN_COMPARE = "Use in Compare"
FACT_MODEL, FACT_MADE, FACT_BEGUN, FACT_STRENGTH = "Model", "Created", "Started", "Best strength"
FACT_SENTENCES, FACT_TIME, FACT_DISTANCE = "Sentences", "Teaching took", "Distance"
FACT_RECIPE, FACT_STEPS, FACT_SEED, FACT_METHOD = "Recipe", "Steps", "Random seed", "Method"
FACT_NUMBERS, FACT_VERSION, FACT_PARTS = "Numbers changed", "Made with", "Mixed from"

# in the terminal
STARTING = "Starting LinEAS Studio …"
NEW_ADDRESS = "LinEAS Studio is running at {url}   (Ctrl+C stops it)"
MCP_ADDRESS = "Language models can use it as a tool at {url}"
NEEDS_AUTH = (
    "Other people could reach the studio at {where}, so it needs a sign-in: add --auth NAME:PASSWORD, "
    "or leave out {flag} to keep it on this computer."
)
CANNOT_OPEN = "The studio could not open its page ({reason}). 'lineas doctor' shows what may be in its way."
LINE_IS_FULL = (
    "{waiting} questions are waiting already, so yours would be number {place} in line. Ask again in a moment."
)
NO_MCP = (
    "--mcp needs a package that is not installed. Install it with: pip install 'gradio[mcp]'. "
    "Then start the studio again, or leave out --mcp."
)
BAD_AUTH = (
    "--auth needs a name and a password with a colon between them, such as --auth anna:secret. You wrote {auth!r}."
)


def field(label: str, info: str) -> dict[str, Any]:
    """The texts of a form field, as Gradio's components take them."""
    return {"label": label, "info": info}


def quoted(name: str) -> str:
    return f"“{name}”"


def number(value: float, form: str = "g") -> str:
    return format(value, form)


def percent(share: float) -> str:
    """A share between 0 and 1."""
    return f"{share:.0%}"


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def tokens(number: int) -> str:
    return count(number, "token", "tokens")


def concept(name: str, kind: str) -> str:
    return f"{name} · {CONCEPT_KINDS[kind]}"


def model(name: str) -> str:
    """The last part of a hub id or a path."""
    return DEFAULT_MODEL if name == "default" else name.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


def from_to(before: str, after: str) -> str:
    return f"{before} → {after}"


def day(moment: str, time: bool = False) -> str:
    """The local date, with the time on request, of an ISO 8601 moment; empty for any other text, since map files hold anything."""
    try:
        local = datetime.fromisoformat(moment).astimezone()
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{local.day} {local:%b %Y, %H:%M}" if time else f"{local.day} {local:%b %Y}"


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else count(rest, "second", "seconds")


def time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 1.5:
        return "about a second left"
    if seconds < 90:
        return f"about {round(seconds)} s left"
    halves = round(seconds / 30)  # halves of a minute, so that a person sees it fall
    return (
        f"about {halves // 2}{'½' * (halves % 2)} min left" if halves < 20 else f"about {round(seconds / 60)} min left"
    )


def strength(value: float) -> str:
    """What a strength means, in a few words."""
    if value == 0:
        return "off: the plain model"
    if value < 0.4:
        return "a hint of it"
    if value < 0.8:
        return "gentle"
    if value < 1.0:
        return "nearly as taught"
    if value == 1.0:
        return "as taught"
    if value <= 1.3:
        return "stronger than taught"
    if value < 1.75:
        return "strong: it may begin to ramble"
    return "exaggerated: it may stop making sense"

"""Words of the page My concepts, and of facts about a concept."""

from datetime import datetime

from lineas.ui.text.english.common import CONCEPT_KINDS, count, model, quoted

LIBRARY = "My concepts"
LIBRARY_TITLE = "Your concepts"
LIBRARY_LEAD = (
    "Everything that can steer a model, on this computer: what you taught, what you brought, and what came with it."
)
LIBRARY_LIST, LIBRARY_RUNS = "Concepts", "Not finished"
LIBRARY_NOTHING = "Choose a concept on the list to see what it is and what you can do with it."
LIBRARY_USE, LIBRARY_INSIDE, LIBRARY_RESUME = "Use it in Compare", "Look inside", "Continue teaching"
LIBRARY_SENTENCES, LIBRARY_DOWNLOAD, LIBRARY_DUPLICATE = "Open its sentences in Teach", "Download", "Duplicate"
LIBRARY_DELETE, LIBRARY_UNDO = "Delete", "Undo"
LIBRARY_NAME, LIBRARY_NOTE, LIBRARY_SAVE = "Name", "Note", "Save name and note"
LIBRARY_NOTE_HINT = "What it is good for, which strength you liked …"
LIBRARY_IMPORT_TITLE = "Bring a concept from somewhere else: drop its .safetensors file here"
LIBRARY_IMPORT = "A concept's .safetensors file"
LIBRARY_READY_MADE = "It came with the studio and stays as it is. Duplicate it, and change the copy."
LIBRARY_KINDS = {**CONCEPT_KINDS, "unfinished": "not finished"}
LIBRARY_ENDED = {"failed": "failed", "cancelled": "stopped", "interrupted": "interrupted"}
CHOOSE_FIRST = "Choose a concept on the list first."
IS_GONE = "That concept is no longer there: it was deleted in another window. Choose another from the list."
NO_SENTENCES = "Its sentences are not here: only the concept itself was added."


def day(moment: str, time: bool = False) -> str:
    """An ISO 8601 moment as people write it, in this computer's time; empty for anything else (a file may say what it likes)."""
    try:
        local = datetime.fromisoformat(moment).astimezone()
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{local.day} {local:%b %Y, %H:%M}" if time else f"{local.day} {local:%b %Y}"


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else count(rest, "second", "seconds")


def other_model(name: str) -> str:
    """A model worth mentioning in a list: any but the default one."""
    return "" if name in ("", "default") else model(name)


def saved(name: str) -> str:
    return f"Saved as {quoted(name)}."


def imported(name: str) -> str:
    return f"{quoted(name)} is here now. Use it in Compare, or look inside."


def duplicated(name: str) -> str:
    return f"{quoted(name)} is a copy of your own: change it as you like."


def deleted(name: str) -> str:
    return f"{quoted(name)} was deleted."


def restored(name: str) -> str:
    return f"{quoted(name)} is back."


def ended(state: str, step: int, of: int) -> str:
    """How a teaching that is not finished ended, for the list."""
    how = LIBRARY_ENDED[state]
    return f"{how} at step {step} of {of}" if of else f"{how} before the first step"


def why_unfinished(state: str, error: str) -> str:
    """Why a run is no concept (yet)."""
    if state == "failed":
        return error or "It failed, and left no reason."
    if state == "cancelled":
        return "You stopped it. What it had learned is kept: continue from there."
    return "The studio closed while it was learning. What it had learned is kept: continue from there."


def distances(start: float, end: float) -> str:
    percent = f" ({round(100 * (start - end) / start)} % closer)" if 0 < start and end < start else ""
    return f"{start:.3g} → {end:.3g}{percent}"


FACT_MODEL, FACT_MADE, FACT_BEGUN, FACT_STRENGTH = "Model", "Made", "Begun", "Best strength"
FACT_SENTENCES, FACT_TIME, FACT_DISTANCE = "Sentences", "Teaching took", "Distance"


def both_sides(source: int, target: int) -> str:
    return f"{source} as it talks now, {target} as you want it"

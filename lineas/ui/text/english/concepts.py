"""Words of the page My concepts."""

from lineas.ui.text.english.common import CONCEPT_KINDS, count, model
from lineas.ui.text.english.teach import roughly

CONCEPTS = "My concepts"
CONCEPTS_TITLE = "Your concepts"
CONCEPTS_LEAD = "Every concept on this computer: the ones you taught, the ones you added, and the ready-made ones."
CONCEPTS_LIST, CONCEPTS_RUNS = "Concepts", "Unfinished"
CONCEPTS_SEARCH, CONCEPTS_ALL_MODELS = "Search", "All models"
CONCEPTS_NONE_FOUND = "No concept has these words. Search for something else, or choose “All models”."
CONCEPTS_MAKE_ALL, CONCEPTS_MAKE_STOP = "Make all ready-made concepts for this model", "Stop making them"
CONCEPTS_NOTHING = "Choose a concept to see what it is and what you can do with it."
CONCEPTS_USE, CONCEPTS_INSIDE, CONCEPTS_RESUME = "Use it in Compare", "Look inside", "Continue teaching"
CONCEPTS_SENTENCES, CONCEPTS_DUPLICATE = "Open its sentences in Teach", "Duplicate"
CONCEPTS_SHARE, CONCEPTS_DOWNLOAD = "Share as one file", "Download as .safetensors"
CONCEPTS_DELETE, CONCEPTS_UNDO = "Delete", "Undo"
CONCEPTS_NAME, CONCEPTS_NOTE, CONCEPTS_SAVE = "Name", "Note", "Save name and note"
CONCEPTS_NOTE_HINT = "What it is good for, which strength you liked …"
CONCEPTS_IMPORT_TITLE = "Add a concept from somewhere else: drop its .lineas or .safetensors file here"
CONCEPTS_IMPORT = "A concept's .lineas or .safetensors file"
CONCEPTS_READY_MADE = (
    "This concept came with the studio and cannot be changed. Duplicate it to get a copy of your own."
)
HUB_GIVE_TITLE = "Publish it on Hugging Face"
HUB_REPO, HUB_REPO_HINT = "Name there", "your-name/pirate"
HUB_TOKEN, HUB_TOKEN_INFO = (
    "Your Hugging Face token",
    "It needs the right to write; make one at huggingface.co/settings/tokens. It is used once and not kept.",
)
HUB_OWN_TOKEN = "empty: this computer's own"
HUB_PRIVATE, HUB_GIVE = "Only I can see it", "Publish"
HUB_BRING, HUB_BRING_LABEL = "Add it", "Or type its name on Hugging Face"
HUB_NO_NAME = "Type a name first: your account's and the concept's, such as anna/pirate."
HUB_NEEDS_TOKEN = "Give your own Hugging Face token: the studio's does not serve people at other computers."
ITEM_KINDS = {**CONCEPT_KINDS, "unfinished": "unfinished"}
RUN_ENDS = {"failed": "failed", "cancelled": "stopped", "interrupted": "interrupted"}
CHOOSE_FIRST = "Choose a concept from the list first."
IS_GONE = "That concept no longer exists: it was deleted in another window. Choose another one."
NO_SENTENCES = "Its sentences are not on this computer: only the concept itself was added."
# with names and numbers filled in
SAVED = "Saved as “{name}”."
IMPORTED = "“{name}” was added. Use it in Compare, or look inside."
DUPLICATED = "“{name}” is your own copy. Change it as you like."
DELETED = "“{name}” was deleted."
PUBLISHED = "“{name}” is published at {url}"
RESTORED = "“{name}” is back."
BOTH_SIDES = "{source} as it talks now, {target} as you want it"


def other_model(name: str) -> str:
    """The name of a model for the small print of a list; empty for the default model."""
    return "" if name in ("", "default") else model(name)


def ended(state: str, step: int, of: int) -> str:
    """How an unfinished run ended, for the list."""
    return f"{RUN_ENDS[state]} at step {step} of {of}" if of else f"{RUN_ENDS[state]} before the first step"


def why_unfinished(state: str, error: str) -> str:
    if state == "failed":
        return error or "It failed for an unknown reason."
    if state == "cancelled":
        return "You stopped it. What it learned so far is kept: you can continue from there."
    return "The studio closed while it was learning. What it learned so far is kept: you can continue from there."


def distances(start: float, end: float) -> str:
    percent = f" ({round(100 * (start - end) / start)}% closer)" if 0 < start and end < start else ""
    return f"{start:.3g} → {end:.3g}{percent}"


def card_verdict(title: str, strength: float) -> str:
    return f"{title[:1].upper()}{title[1:]} · {strength:g}"


def ready_made_offer(number: int, model: str, seconds: float | None) -> str:
    """What it takes to make so many ready-made concepts for a model; ``seconds`` is None for a model that was never timed."""
    them = f"{count(number, 'ready-made concept is', 'ready-made concepts are')} not there for {model} yet."
    time = (
        f"That takes {roughly(seconds)}" if seconds is not None else "How long that takes is known after the first one"
    )
    return f"{them} {time}; it goes on in the background, one after the other."


def ready_made_waiting(number: int) -> str:
    return f"{count(number, 'ready-made concept is', 'ready-made concepts are')} being made, one after the other."

"""Every sentence that the studio shows, in one place.

The people who read them do not program. So: a trained map is a *concept*, source is "How it talks now", target is
"How you want it to talk", training is teaching, and the loss is a distance that should get smaller.
"""

APP = "LinEAS Studio"
TAGLINE = "Show a language model how to talk. It learns from your examples."
SWITCH_THEME = "Switch between light and dark"
NEW_ADDRESS = "LinEAS Studio is at {url}   (Ctrl+C ends it)"
STARTING = "Starting LinEAS Studio …"

# pages
TEACH, COMPARE = "Teach", "Compare"

# Teach
TEACH_TITLE = "Teach it by example"
TEACH_LEAD = (
    "Give it two lists of sentences: how it talks now, and how you want it to talk. "
    "The lists need not match line by line, and a few dozen sentences a side are plenty."
)
PRESETS = "Start from an example"
SOURCE, TARGET = "How it talks now", "How you want it to talk"
SOURCE_HINT = "One sentence per line. For instance:\n\nI went to the market this morning.\nThe weather is mild today."
TARGET_HINT = (
    "One sentence per line. For instance:\n\nArr, I set sail for the market at dawn!\nFair winds today, me hearties!"
)
CONCEPT_NAME, CONCEPT_NAME_HINT = "Name of the concept", "pirate, cheerful, formal …"
UNNAMED = "My concept"
UNDO = "Bring my own sentences back"
TEACH_BUTTON, CANCEL_BUTTON, RESUME_BUTTON, TRY_BUTTON = "Teach", "Cancel", "Continue teaching", "Try it in Compare"
ADVANCED, MORE = "Advanced", "More settings"
RECIPE, RECIPE_INFO = "Recipe", "Quick is right for most people. Thorough takes longer. Paper is the published method."
RECIPES = [("Quick", "quick"), ("Thorough", "thorough"), ("Paper", "paper")]
STEPS, STEPS_INFO = "Steps", "0 = as many as the recipe says"
TEACH_SEED, TEACH_SEED_INFO = "Same dice roll", "The same number gives the same concept again"
DISTANCE = "Distance to the concept"
DISTANCE_TITLE = "Distance to the concept (lower is better)"
CHART_EMPTY = "The curve appears here while it learns."
STEPS_AXIS = "step"

# Compare
COMPARE_TITLE = "Compare side by side"
COMPARE_LEAD = "One question, one roll of the dice, two answers: the plain model's, and the one your concept steers."
CONCEPT = "Concept"
STRENGTH = "Strength"
STRENGTH_BUTTONS = [("Off", 0.0), ("Gentle", 0.5), ("As taught", 1.0), ("Strong", 1.5)]
PROMPT, PROMPT_HINT = "Your question", "Ask anything, or begin a text …"
PROMPT_INFO = "Enter sends it. Shift+Enter begins a new line."
PROMPTS = [
    "Tell me about your day.",
    "What should I cook tonight?",
    "Describe a walk by the sea.",
    "Why is the sky blue?",
]
COMPARE_BUTTON, STOP_BUTTON = "Compare", "Stop"
SEED, SEED_INFO = "Same dice roll", "The same number gives the same answers again"
LENGTH, LENGTH_INFO = "Length", "At most this many tokens (a token is about ¾ of a word)"
VARIETY, VARIETY_INFO = "Variety", "0 = always the likeliest word"
MODE = "The model should"
MODES = [("answer me", "chat"), ("continue my text", "plain")]
ORIGINAL, STEERED_UNKNOWN = "Original", "With a concept"
ORIGINAL_EMPTY = "What the model says by itself."
STEERED_EMPTY = "What it says with your concept, from the same roll of the dice."
STEERED_NO_CONCEPT = "Teach or choose a concept, and its answer appears here."
NOTHING_SAID = "(It said nothing.)"
COPY, COPIED = "Copy", "Copied"

# why a button is off
WHY_CANCEL = "Cancel works while something is being taught."
WHY_STOPPING = "It ends after the step it is making; what it has learned is kept."
WHY_STOP = "Stop works while it answers."
WHY_STREAMING = "Answering … Stop ends it now."
WHY_LOADING = "The model is still loading. You can write meanwhile."
WHY_NO_MODEL = "No model is loaded, so nothing can be taught or answered."
WHY_MODEL_ERROR = "The model could not be loaded (see above)."
QUEUES = "Something is being taught already. Yours will wait its turn."
SHARING = "The model is learning at the same time, so answers come a little slower."

# states
READY = "Ready."
READY_DETAIL = "Teach it something, or try a ready-made concept on the Compare page."
NO_MODEL = "No model is loaded."
LOADING = "Loading the model …"
STOPPING = "Stopping after this step …"
DEFAULT_MODEL = "SmolLM2-135M-Instruct"

# trouble
EMPTY_PROMPT = "Write a question first, then press Compare."
NEEDS_AUTH = (
    "Other people could reach the studio at {where}, so it needs a sign-in: add --auth NAME:PASSWORD, "
    "or leave {flag} out to keep it on this computer."
)
BAD_AUTH = (
    "--auth wants a name and a password with a colon between them, like --auth anna:secret. This has not: {auth!r}."
)
BAD_PORT = "A port is a number from 1 to 65535, not {port}."
PORT_BUSY = "Port {port} is in use by another program (perhaps the studio is already open). Start it with --port {other} instead."
PORT_REFUSED = "This computer does not let the studio use {host} port {port}: {reason}. Try --port {other}."


def quoted(name: str) -> str:
    return f"“{name}”"


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


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def sentences(number: int, repeats: int) -> str:
    counted = count(number, "sentence", "sentences")
    return f"{counted} · {count(repeats, 'repeat', 'repeats')} left out" if repeats else counted


def tokens(number: int) -> str:
    return count(number, "token", "tokens")


def with_concept(name: str, at: float) -> str:
    return f"With {quoted(name)} at {at:g}"


def time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 1.5:
        return "about a second left"
    if seconds < 90:
        return f"about {round(seconds)} s left"
    return f"about {round(seconds / 60)} min left"


def step_of(step: int, of: int, eta_seconds: float | None) -> str:
    left = time_left(eta_seconds)
    return f"step {step} of {of}" + (f", {left}" if left else "")


def teaching(name: str, progress: str = "") -> str:
    return f"Teaching {quoted(name)}: {progress}" if progress else f"Teaching {quoted(name)}."


def queued(name: str) -> str:
    return f"{quoted(name)} waits for its turn."


def in_queue(number: int) -> str:
    return f"{number} more in the queue" if number > 0 else ""


def done(name: str) -> str:
    return f"{quoted(name)} is ready. Try it on the Compare page."


def cancelled(name: str, step: int) -> str:
    return f"{quoted(name)} was stopped at step {step}. Continue it, or change the sentences and teach again."


def failed(name: str) -> str:
    return f"{quoted(name)} could not be taught."


def interrupted(name: str, step: int) -> str:
    return f"The studio closed while it was learning {quoted(name)} (step {step}). You can continue from there."


def closer(start: float, now: float) -> str:
    """How much of the distance is gone."""
    if start <= 0:
        return ""
    percent = round(100 * (start - now) / start)
    if percent <= 0:
        return f"Distance {now:.3g}; it was {start:.3g} at the start."
    return f"Distance {now:.3g}, from {start:.3g} at the start: {percent} % closer."


def chart(step: int, of: int, start: float, now: float) -> str:
    """The chart in one sentence, for people who do not see it."""
    return f"{DISTANCE}: {start:.3g} at the start, {now:.3g} after {step} of {of} steps. Lower is better."


def concept(name: str, kind: str) -> str:
    origin = {"preset": "ready-made", "run": "yours", "imported": "imported"}[kind]
    return f"{name} · {origin}"


def model(name: str) -> str:
    """A model's name as people know it: the last part of a hub id or a path."""
    return DEFAULT_MODEL if name == "default" else name.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]

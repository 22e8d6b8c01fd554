"""Every sentence that the studio shows, in one place.

The people who read them do not program. So: a trained map is a *concept*, source is "How it talks now", target is
"How you want it to talk", training is teaching, and the loss is a distance that should get smaller.
"""

from datetime import datetime

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


# ---- My concepts ---------------------------------------------------------------------------------------------------

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
LIBRARY_KINDS = {"preset": "ready-made", "run": "yours", "imported": "imported", "unfinished": "not finished"}
LIBRARY_ENDED = {"failed": "failed", "cancelled": "stopped", "interrupted": "interrupted"}
CHOOSE_FIRST = "Choose a concept on the list first."
IS_GONE = "That concept is no longer there: it was deleted in another window. Choose another from the list."
NO_SENTENCES = "Its sentences are not on this computer: only the concept itself was brought here."


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


# ---- Strengths ------------------------------------------------------------------------------------------------------

STRENGTHS = "Strengths"
STRENGTHS_TITLE = "See every strength at once"
STRENGTHS_LEAD = (
    "The same question, from the plain model to far beyond what you taught, all from one roll of the dice. "
    "Find the point where the concept is strong and the text still reads well."
)
STRENGTHS_PROMPTS, STRENGTHS_PROMPTS_HINT = "Your questions", "One per line, four at most …"
FINEST, STEP_CHOICES = "Steps of", [("¼", 0.25), ("½", 0.5)]
TOP, TOP_CHOICES = "Up to", [("1", 1.0), ("1½", 1.5), ("2", 2.0)]
RUN_STRENGTHS = "Show all strengths"
FILMSTRIP = "Answers, from weak to strong"
FILMSTRIP_EMPTY = "One answer for each strength appears here, side by side."
STRENGTHS_CHART_EMPTY = "Effect and fluency are measured when the answers are there."
MEASURING = "Reading the answers to measure effect and fluency …"
STRENGTHS_CHART_TITLE = "Effect and fluency"
EFFECT, FLUENCY = "Effect", "Fluency"
EFFECT_JUDGED = (
    "Effect: how much an independent judge, trained on your examples only, hears your concept in the answers."
)
EFFECT_COUNTED = (
    "Effect: the share of words that are not in the plain answer (a judge would need the concept's examples)."
)
FLUENCY_EXPLAINED = "Fluency: how easily the plain model reads them; 100 % is as easily as its own answer."
RECOMMENDED = "recommended"
USE_IN_COMPARE = "Use in Compare"
NO_CONCEPT = "Choose a concept first. If the list is empty, teach one on the Teach page."
NO_PROMPTS = "Write at least one question first."
FIRST_PROMPTS = "Only the first {most} questions were asked: more would make you wait."

_FRACTIONS = {0.25: "¼", 0.5: "½", 0.75: "¾"}


def fraction(value: float) -> str:
    """A strength as a person writes it: 1¼."""
    whole, part = divmod(value, 1)
    if part and part not in _FRACTIONS:
        return f"{value:g}"
    return (f"{whole:g}" if whole or not part else "") + _FRACTIONS.get(part, "")


def at_strength(value: float) -> str:
    return ORIGINAL if value == 0 else strength(value)


def strengths_verdict(name: str, recommended: float, best: float | None) -> str:
    """What the chart says, in a sentence or two."""
    said = f"Recommended for {quoted(name)}: {fraction(recommended)}."
    if best is None:
        return (
            f"{said} None of these answers reads well: try finer steps, or teach it again with more varied examples."
        )
    if abs(best - recommended) < 0.125:
        return f"{said} These answers agree."
    return f"{said} On these answers {fraction(best)} does most while the text still reads well."


def strengths_chart(points: list[tuple[float, float, float]]) -> str:
    """The chart in words, for people who do not see it."""
    return "; ".join(
        f"strength {fraction(at)}: effect {effect:.0%}, fluency {fluent:.0%}" for at, effect, fluent in points
    )


# ---- Inside --------------------------------------------------------------------------------------------------------

INSIDE = "Inside"
INSIDE_TITLE = "Look inside a concept"
INSIDE_LEAD = (
    "A model is a tower of layers; each hands a row of numbers to the next. A concept stretches and shifts some of them. "
    "Here is where, and how much."
)
INSIDE_PICTURE = "What it moves, layer by layer"
INSIDE_TOP, INSIDE_BOTTOM = "reads the words", "chooses the next word"
INSIDE_COLUMNS = ("Touched", "Stretched", "Shifted")
INSIDE_COLUMN_HELP = (
    "share of the layer's numbers that change",
    "how far its factors are from 1",
    "size of what is added",
)
INSIDE_BEFORE, INSIDE_AFTER = "Distance before", "Distance after"
INSIDE_TABLE = "Most moved layers"
INSIDE_LAYER, INSIDE_PART = "Layer", "Part of the model"
INSIDE_PROVENANCE = "Where it comes from"
INSIDE_HEALTH = "Health check"
INSIDE_NOTHING_MOVES = "This concept moves nothing: with it, the model talks as it does without."
FACT_RECIPE, FACT_STEPS, FACT_SEED, FACT_METHOD = "Recipe", "Steps", "Dice roll", "Method"
FACT_NUMBERS, FACT_VERSION, FACT_PARTS = "Numbers moved", "Made with", "Mixed from"
INSIDE_METHODS = {"lineas": "", "mix": ""}
HEALTH_SCORE, HEALTH_SURPRISE, HEALTH_REPEATS = (
    "Sounds like your examples",
    "Surprise in its text",
    "Says things twice",
)
HEALTH_NEW, HEALTH_MORE, HEALTH_LESS = "Carries over to new sentences", "Words it says more", "Words it says less"
HEALTH_WRONG = "Examples of yours that sound like the other side"
HEALTH_FIRST_LOOK = "A first look, before it wrote any text."
YES, NO = "yes", "not clearly"


def recipe(name: str) -> str:
    return {value: label for label, value in RECIPES}.get(name, name)


def numbers_moved(moved: int, of: int) -> str:
    return f"{moved:,} of {of:,} ({moved / of:.0%})"


def thirds(shares: tuple[float, float, float], most: str) -> str:
    """Where a concept works, in a sentence; ``shares`` are those of the first, middle and last third of the layers."""
    where = ("first", "middle", "last")[shares.index(max(shares))]
    if max(shares) < 0.4:
        return f"It works all the way through; {most} moves most."
    return (
        f"It works mostly in the {where} third of the layers ({max(shares):.0%} of all movement); {most} moves most."
    )


def layer(label: str) -> str:
    return f"{INSIDE_LAYER.lower()} {label}" if label[:1].isdigit() else label


def from_to(before: str, after: str) -> str:
    return f"{before} → {after}"


# ---- Mix ------------------------------------------------------------------------------------------------------------

MIX = "Mix"
MIX_TITLE = "Mix concepts"
MIX_LEAD = (
    "Two to four concepts at once, each as strong as you like. They act from top to bottom. "
    "See how they get along, try the mix, and keep it as a concept of its own."
)
MIX_NONE = "(none)"
MIX_OVERLAP_TITLE = "How they get along"
MIX_OVERLAP_EMPTY = "Choose two concepts to see whether they help or fight each other."
MIX_OVERLAP_EXPLAINED = "One square for each place in the model that they steer, from the first layer to the last."
MIX_SCALE = ("opposite ways", "the same way")
MIX_BUTTON, MIX_SAVE_BUTTON = "Try the mix", "Keep the mix"
MIX_NAME, MIX_NAME_HINT = "Name of the mix", "cheerful pirate …"
MIXED, MIXED_EMPTY = "With the mix", "What it says with all your concepts together."
MIX_TOO_FEW = "Choose at least two concepts, each with a strength above 0."
FIGHT, ALIKE, MUCH = -0.2, 0.5, 1.6
"""Cosines from which two concepts fight or want the same, and the joint push from which text may suffer."""


def mix_slot(number: int) -> str:
    return f"{CONCEPT} {number}"


def mix_strength(number: int) -> str:
    return f"{STRENGTH} {number}"


def mix_move(number: int, up: bool) -> str:
    return f"Move {number} {'up' if up else 'down'}"


def mix_pair(first: str, second: str) -> str:
    return f"{first} · {second}"


def mix_verdict(pairs: list[tuple[str, str, float]], push: float) -> str:
    """In plain words: who fights whom, who wants the same, and whether it is too much together."""
    said = [
        f"{quoted(a)} and {quoted(b)} fight: they push the model in opposite ways. Give one of them less strength, or leave it out."
        for a, b, cosine in pairs
        if cosine <= FIGHT
    ]
    said += [
        f"{quoted(a)} and {quoted(b)} want nearly the same, so their strengths add up."
        for a, b, cosine in pairs
        if cosine >= ALIKE
    ]
    if not said:
        said = ["These concepts get along: they push in different directions and hardly disturb each other."]
    if push > MUCH:
        said.append(
            f"Together they push as hard as one concept at {push:.1f}: the text may ramble. Lower the strengths."
        )
    return " ".join(said)


def mix_cell(place: int, cosine: float) -> str:
    return f"place {place}: {cosine:+.2f}"


def mix_saved(name: str) -> str:
    return f"{quoted(name)} is kept. You find it in every list of concepts."

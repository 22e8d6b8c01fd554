"""Words of the page Inside."""

from lineas.ui.text.english.teach import RECIPES

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
INSIDE_DISTANCE = "Distance"
INSIDE_DISTANCE_HELP = "from your examples: pale without the concept, full with it"
INSIDE_TABLE = "Most moved layers"
INSIDE_LAYER = "Layer"
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


def layers_closer(number: int, of: int) -> str:
    everywhere = "every layer" if number == of else f"{number} of {of} layers"
    return (
        f"It brings {everywhere} closer to your examples." if number else "It brings no layer closer to your examples."
    )


def layer(label: str) -> str:
    return f"{INSIDE_LAYER.lower()} {label}" if label[:1].isdigit() else label


def from_to(before: str, after: str) -> str:
    return f"{before} → {after}"

"""Words of the page Inside and of the health check."""

from lineas.ui.text.english.common import count, quoted
from lineas.ui.text.english.teach import RECIPES

INSIDE = "Inside"
INSIDE_TITLE = "Look inside a concept"
INSIDE_LEAD = "What a concept does to the way the model talks, and where in the model it does it."
INSIDE_ASKED, INSIDE_BEFORE, INSIDE_AFTER = "Asked", "Before", "With the concept"
INSIDE_NO_EXAMPLES = "Two answers, before and after, stand here once its health has been checked."
INSIDE_MOVES = "How it moves your sentences"
INSIDE_MOVES_LEAD = (
    "One picture for each layer of the model. A dot is one of your sentences as the layer sees it. The concept takes the grey "
    "dots, how it talks now, and moves them to the violet ones; the green ones are how you want it to talk."
)
INSIDE_GROUPS = {"source": "how it talks now", "steered": "with the concept", "target": "how you want it to talk"}
INSIDE_DETAILS = "Layers and numbers"
INSIDE_DETAILS_LEAD = (
    "A model is a stack of layers, and each layer hands a row of numbers to the next. A concept stretches and shifts some of "
    "them."
)
INSIDE_PICTURE = "What it changes, layer by layer"
INSIDE_TOP, INSIDE_BOTTOM = "reads the words", "chooses the next word"
INSIDE_COLUMNS = ("Touched", "Stretched", "Shifted")
INSIDE_COLUMN_HELP = (
    "share of the layer's numbers that change",
    "how much they are scaled",
    "how much is added",
)
INSIDE_DISTANCE = "Distance"
INSIDE_DISTANCE_HELP = "from your examples: pale without the concept, full with it"
INSIDE_TABLE = "Layers that change most"
INSIDE_LAYER = "Layer"
INSIDE_PROVENANCE = "Where it comes from"
INSIDE_NOTHING_MOVES = "This concept changes nothing: the model talks as it does without it."
INSIDE_METHODS = {"lineas": "", "mix": ""}
HEALTH = "Health check"
HEALTH_SCORE = "Sounds like your examples"
HEALTH_SURPRISE = "How unusual the wording is (lower is smoother)"
HEALTH_REPEATS = "Repeats itself"
HEALTH_TOLD = " and its instruction"
HEALTH_KEEPS = "Keeps to the question"
HEALTH_SAMPLES = "Two answers, before and after"
HEALTH_PLAIN, HEALTH_STEERED = "Before", "After"
HEALTH_MORE, HEALTH_LESS = "Words it says more", "Words it says less"
HEALTH_WRONG = "Examples of yours that sound like the other list"
VERDICTS = {
    "works": "works",
    "repeats": "works but repeats itself",
    "forgets": "works but forgets the question",
    "weak": "weak",
    "breaks": "breaks the text",
    "same": "your examples do not differ",
}


def numbers_moved(moved: int, of: int, share: float) -> str:
    return f"{moved:,} of {of:,} ({share:.0%})"


def learned(name: str, model: str, source: int | None, target: int | None) -> str:
    """What a concept was made from, in a sentence."""
    made_on = f"{quoted(name)} changes how {model or 'the model'} talks"
    if not (source and target):
        return f"{made_on}."
    return f"{made_on}. It was taught from {count(source, 'sentence', 'sentences')} as it talks now and {target} as you want it."


def way(share: float) -> str:
    """How far a concept moves the sentences towards the target, on average over the layers."""
    if share < 0.05:
        return "It hardly brings your sentences closer to how you want it to talk."
    return f"On average it takes your sentences {min(share, 1):.0%} of the way from how it talks now to how you want it to talk."


def layer_moves(label: str, share: float) -> str:
    """One layer's picture, for screen readers."""
    return f"{layer(label)}: {share:.0%} of the way"


def recipe(name: str) -> str:
    return {value: label for label, value in RECIPES}.get(name, name)


def thirds(shares: tuple[float, float, float], most: str) -> str:
    """Where a concept works, in a sentence. ``shares`` are those of the first, middle and last third of the layers."""
    where = ("first", "middle", "last")[shares.index(max(shares))]
    if max(shares) < 0.4:
        return f"It works all the way through; {most} changes most."
    return (
        f"It works mostly in the {where} third of the layers ({max(shares):.0%} of all change); {most} changes most."
    )


def layers_closer(number: int, of: int) -> str:
    if not number:
        return "It brings no layer closer to your examples."
    return f"It brings {'every layer' if number == of else f'{number} of {of} layers'} closer to your examples."


def layer(label: str) -> str:
    return f"{INSIDE_LAYER.lower()} {label}" if label[:1].isdigit() else label

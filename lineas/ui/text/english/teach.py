"""Words of the page Teach."""

from lineas.ui.text.english.common import DISTANCE, count, quoted

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
UPLOAD = "Open a file …"
CONCEPT_NAME, CONCEPT_NAME_HINT = "Name of the concept", "pirate, cheerful, formal …"
UNNAMED = "My concept"
UNDO = "Bring my own sentences back"
TEACH_BUTTON, CANCEL_BUTTON, RESUME_BUTTON, TRY_BUTTON = "Teach", "Cancel", "Continue teaching", "Try it in Compare"

# files and data sets
DATASET = "Bring sentences from a data set or a table"
DATASET_LEAD = (
    "A data set of the Hugging Face hub, or a file or folder on this computer. If it has labels (happy and sad, say), "
    "one label can go to each side."
)
DATASET_LEAD_HUB = (
    "A data set of the Hugging Face hub. If it has labels (happy and sad, say), one label can go to each side."
)
DATASET_NAME, DATASET_NAME_HINT = "Data set", "stanfordnlp/imdb, or a path such as ~/reviews.csv"
DATASET_NAME_HINT_HUB = "stanfordnlp/imdb"
DATASET_SPLIT = "Part"
DATASET_LOOK = "Look inside"
DATASET_COLUMN, DATASET_LABEL = "Sentences are in", "Labels are in"
DATASET_LIMIT = "At most, a side"
DATASET_NO_LABEL = "there are no labels"
DATASET_LEAVE, DATASET_ALL = "leave as it is", "all of them"
DATASET_FILL = "Put into the boxes"
DATASET_NOTHING = "Choose what goes into at least one of the boxes."
NO_LOCAL_FILES = (
    "Files of this computer cannot be named here, since the studio is open to others. Use “Open a file …” below a box, "
    "or a data set of the Hugging Face hub."
)

# settings
ADVANCED = "Advanced"
RECIPE, RECIPE_INFO = (
    "Recipe",
    "Quick is right for most people. Thorough takes up to four times as long, and its advised strength does a little more. "
    "Paper is the published method.",
)
RECIPES = [("Quick", "quick"), ("Thorough", "thorough"), ("Paper", "paper")]
STEPS, STEPS_INFO = "Steps", "0 = as many as the recipe says"
TEACH_SEED, TEACH_SEED_INFO = "Same dice roll", "The same number gives the same concept again"
SUPPORT, SUPPORT_INFO = "Keep it small", "It may change this percentage of the numbers inside; 100 = all it wants"
SPARSITY, SPARSITY_INFO = "Sparsity γ", "0 = none; a larger number changes less of the model, and does less; try 0.007"
SITES, SITES_INFO = "Where it may change the model", "A set, or a regular expression over the names of its parts"
SITE_CHOICES = [
    ("The norm before each MLP (best for most)", "default"),
    ("The paper's: norms after attention and MLP", "paper"),
    ("Every norm", "norms"),
    ("Attention outputs", "attention"),
    ("MLP outputs", "mlp"),
    ("Block outputs", "blocks"),
]
PREVIEW_ASK, PREVIEW_ASK_INFO = "Preview question", "Asked several times while it learns; empty = never"

# while it learns
DISTANCE_TITLE = "Distance to the concept (lower is better)"
CHART_EMPTY = "The curve appears here while it learns."
STEPS_AXIS = "step"
PREVIEW_TITLE = "What it says meanwhile"
PREVIEW_EMPTY = "The same short question, answered again and again while it learns: you can read the concept arriving."
PREVIEW_OFF = "No preview was asked for (Advanced, “Preview question”)."
PREVIEW_START, PREVIEW_END = "before", "taught"
DETAILS, LOG_AT = "Details", "The log of this training is {path}"


def sentences(number: int, repeats: int) -> str:
    counted = count(number, "sentence", "sentences")
    return f"{counted} · {count(repeats, 'repeat', 'repeats')} left out" if repeats else counted


def chart(step: int, of: int, start: float, now: float) -> str:
    """The chart in one sentence, for people who do not see it."""
    return f"{DISTANCE}: {start:.3g} at the start, {now:.3g} after {step} of {of} steps. Lower is better."


def how_long(seconds: float, runs: int) -> str:
    """The time that teaching will take, and how that is known."""
    known = (
        "as your last one did"
        if runs == 1
        else f"as your last {runs} did"
        if runs
        else "on two processor cores; on yours it may be faster or slower"
    )
    return f"Teaching takes {roughly(seconds)}, {known}."


def roughly(seconds: float) -> str:
    if seconds < 8:
        return "a few seconds"
    if seconds < 50:
        return f"about {5 * round(seconds / 5)} seconds"
    if seconds < 100:
        return "about a minute" if seconds < 75 else "about a minute and a half"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes"
    return f"about {round(seconds / 3600)} hours"


HOW_LONG_UNKNOWN = "How long it takes on this model shows after the first steps."


def preview_prompt(prompt: str) -> str:
    return f"Asked: {quoted(prompt)}"


def preview_step(step: int) -> str:
    return f"step {step}"


def several_columns(name: str) -> str:
    return f"{quoted(name)} is a table. Say below which column holds the sentences."


def filled(source: int | None, target: int | None) -> str:
    """What came from a data set into the boxes."""
    came = [
        f"{count(number, 'sentence', 'sentences')} into {quoted(side)}"
        for number, side in ((source, SOURCE), (target, TARGET))
        if number is not None
    ]
    return f"{' and '.join(came)}."

"""Words of the page Teach."""

from lineas.ui.text.english.common import DISTANCE, count, field, quoted

TEACH_TITLE = "Teach it by example"
TEACH_LEAD = "Give it two lists of sentences, a few dozen in each. They need not match line by line."
PRESETS = "Start from an example"
SOURCE, TARGET = "How it talks now", "How you want it to talk"
BOX_HINT = "One sentence per line, or drop a file here. For example:"
SOURCE_HINT = f"{BOX_HINT}\n\nI went to the market this morning.\nThe weather is mild today."
TARGET_HINT = f"{BOX_HINT}\n\nArr, I set sail for the market at dawn!\nFair winds today, me hearties!"
UPLOAD = "Open a file …"
CONCEPT_NAME, CONCEPT_NAME_HINT = "Name of the concept", "pirate, cheerful, formal …"
UNNAMED = "My concept"
UNDO = "Bring my own sentences back"
TEACH_BUTTON, CANCEL_BUTTON, RESUME_BUTTON, TRY_BUTTON = "Teach", "Cancel", "Continue teaching", "Try it in Compare"

# drafts
WISH, WISH_HINT = "Or say how it should talk", "a grumpy old wizard, very polite, someone in love …"
DRAFT_BUTTON, DRAFT_MORE, DRAFT_REWRITE = "Write examples for me", "{count} more", "Rewrite my left list in this style"
DRAFTING = "The model writes examples … {done} of {of}. You can edit them in a moment."
DRAFTS_ALIKE = (
    "This model hardly talks differently when it is asked to. The few drafts that do differ are below: read them, and write "
    "some sentences of your own on the right, or load a larger model on the Model page."
)
DRAFTS_NONE = (
    "Nothing that the model wrote for this could be used: its answers did not differ, or did not end. Say it in other words, "
    "write some sentences of your own on the right, or load a larger model on the Model page."
)

# data sets
DATASET = "Load sentences from a data set or a table"
DATASET_LEAD = (
    "A data set on the Hugging Face hub, or a file or folder on this computer. If it has labels, such as happy and sad, "
    "each box can take one label."
)
DATASET_LEAD_HUB = (
    "A data set on the Hugging Face hub. If it has labels, such as happy and sad, each box can take one label."
)
DATASET_NAME, DATASET_NAME_HINT = "Data set", "stanfordnlp/imdb, or a path such as ~/reviews.xlsx"
DATASET_NAME_HINT_HUB = "stanfordnlp/imdb"
DATASET_SPLIT, DATASET_LOOK = "Part", "Look inside"
DATASET_COLUMN, DATASET_LABEL = "Sentences are in", "Labels are in"
DATASET_LIMIT = "Maximum sentences per list"
DATASET_NO_LABEL, DATASET_LEAVE, DATASET_ALL = "no labels", "leave as it is", "all sentences"
DATASET_FILL = "Put into the boxes"
DATASET_NOTHING = "Choose what goes into at least one of the boxes."
NO_LOCAL_FILES = (
    "You cannot name files of this computer here, because the studio is open to others. Use “Open a file …” below a box, "
    "or a data set on the Hugging Face hub."
)

# settings
ADVANCED = "Advanced"
RECIPE = field(
    "Recipe",
    "Quick is right for most people. Thorough reads more sentences in every step, takes up to four times as long, "
    "and leaves less to chance. "
    "Paper is the published method.",
)
RECIPES = [("Quick", "quick"), ("Thorough", "thorough"), ("Paper", "paper")]
STEPS = field("Steps", "0 = as many as the recipe says")
TEACH_SEED = field("Random seed", "The same number gives the same concept again")
SUPPORT = field("Keep it small", "The percentage of the model's inner numbers that may change; 100 = no limit")
SPARSITY = field("Sparsity γ", "0 = none; a larger value changes less of the model and has less effect; try 0.007")
SITES = field(
    "Where it may change the model", "Choose a set, or write a regular expression for the names of its parts"
)
SITE_CHOICES = [
    ("As the recipe says (best for most)", "default"),
    ("The norm before each MLP", "mlp-norms"),
    ("The paper's: norms after attention and MLP", "paper"),
    ("Every norm", "norms"),
    ("Attention outputs", "attention"),
    ("MLP outputs", "mlp"),
    ("Block outputs", "blocks"),
]
PREVIEW_ASK = field("Preview question", "Asked several times while it learns; empty = never")

# while it learns
DISTANCE_TITLE = "Distance to the concept (lower is better)"
CHART_EMPTY = "The curve appears here while it learns."
STEPS_AXIS = "step"
PREVIEW_TITLE = "How its answers change"
PREVIEW_EMPTY = "The same short question, answered again and again while it learns: you can watch the concept arrive."
PREVIEW_OFF = "There is no preview, because the preview question under Advanced was empty."
PREVIEW_START, PREVIEW_END = "before", "taught"
DETAILS, LOG_AT = "Details", "The log of this training is {path}"
HOW_LONG_UNKNOWN = "The time for this model is shown after the first steps."
# with names and numbers filled in
PREVIEW_PROMPT = "Asked: “{prompt}”"
PREVIEW_STEP = "step {step}"
SEVERAL_COLUMNS = "“{name}” is a table. Choose below which column holds the sentences."
SPLITS = "“{name}” can fill both boxes. Choose below what goes into each, then press “Put into the boxes”."
TABLE_PREVIEW = "First rows of the table"


def column(name: str) -> str:
    return f"the column {quoted(name)}"


def more_columns(number: int) -> str:
    return f"and {count(number, 'more column', 'more columns')}"


def sentences(number: int, repeats: int, drafts: int = 0) -> str:
    parts = [count(number, "sentence", "sentences")]
    if repeats:
        parts.append(f"{count(repeats, 'repeat', 'repeats')} left out")
    if drafts:
        parts.append(count(drafts, "draft", "drafts"))
    return " · ".join(parts)


def drafts(number: int) -> str:
    """What to do with so many drafts."""
    return (
        f"{count(number, 'draft', 'drafts')} written by the model. Read them, change or delete some, then press Teach."
    )


def chart(step: int, of: int, start: float, now: float) -> str:
    """The chart in one sentence, for screen readers."""
    return f"{DISTANCE}: {start:.3g} at the start, {now:.3g} after {step} of {of} steps. Lower is better."


def how_long(seconds: float, runs: int) -> str:
    """The time that teaching will take, estimated from ``runs`` earlier trainings (0: from a measured constant)."""
    known = "judging by your last one" if runs == 1 else f"judging by your last {runs}"
    return (
        f"Teaching takes {roughly(seconds)}, {known if runs else 'measured on two processor cores; yours may differ'}."
    )


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


def filled(source: int | None, target: int | None) -> str:
    """How many sentences went from a data set into each box; None for a box that was left as it was."""
    counts = [
        f"{count(number, 'sentence', 'sentences')} into {quoted(side)}"
        for number, side in ((source, SOURCE), (target, TARGET))
        if number is not None
    ]
    return f"{' and '.join(counts)}."

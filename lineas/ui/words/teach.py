"""Words of the page Teach."""

from lineas.ui.words.common import DISTANCE, count

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
ADVANCED = "Advanced"
RECIPE, RECIPE_INFO = "Recipe", "Quick is right for most people. Thorough takes longer. Paper is the published method."
RECIPES = [("Quick", "quick"), ("Thorough", "thorough"), ("Paper", "paper")]
STEPS, STEPS_INFO = "Steps", "0 = as many as the recipe says"
TEACH_SEED, TEACH_SEED_INFO = "Same dice roll", "The same number gives the same concept again"
DISTANCE_TITLE = "Distance to the concept (lower is better)"
CHART_EMPTY = "The curve appears here while it learns."
STEPS_AXIS = "step"


def sentences(number: int, repeats: int) -> str:
    counted = count(number, "sentence", "sentences")
    return f"{counted} · {count(repeats, 'repeat', 'repeats')} left out" if repeats else counted


def chart(step: int, of: int, start: float, now: float) -> str:
    """The chart in one sentence, for people who do not see it."""
    return f"{DISTANCE}: {start:.3g} at the start, {now:.3g} after {step} of {of} steps. Lower is better."

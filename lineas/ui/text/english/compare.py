"""Words of the page Compare."""

from lineas.ui.text.english.common import count, quoted

COMPARE_TITLE = "Compare side by side"
COMPARE_LEAD = "One question, one roll of the dice, two answers: the plain model's, and the one your concept steers."
STRENGTH_BUTTONS = [("Off", 0.0), ("Gentle", 0.5), ("As taught", 1.0), ("Strong", 1.5)]
PROMPT, PROMPT_HINT = "Your question", "Ask anything, or begin a text …"
PROMPTS = [
    "Tell me about your day.",
    "What should I cook tonight?",
    "Describe a walk by the sea.",
]
COMPARE_BUTTON, STOP_BUTTON = "Compare", "Stop"
AGAIN_BUTTON = "Try again"
LOCK = "Same dice each time"
LIVE = "Live slider"
CHANGED = "Show what changed"
THIRD = "Would a plain instruction do?"
WISH, WISH_INFO = (
    "The same wish as an instruction",
    "The plain model is told this instead, and answers in a third column",
)
SEED, SEED_INFO = "Same dice roll", "The same number gives the same answers again"
LENGTH, LENGTH_INFO = "Length", "At most this many tokens (a token is about ¾ of a word)"
VARIETY, VARIETY_INFO = "Variety", "0 = always the likeliest word"
MODE = "The model should"
MODES = [("answer me", "chat"), ("continue my text", "plain")]
SYSTEM, SYSTEM_INFO = "System prompt", "Standing orders, for both answers"
ORIGINAL, STEERED_UNKNOWN = "Original", "With a concept"
INSTRUCTED = "With the instruction only"
ORIGINAL_EMPTY = "What the model says by itself."
STEERED_EMPTY = "What it says with your concept, from the same roll of the dice."
STEERED_NO_CONCEPT = "Teach or choose a concept, and its answer appears here."
INSTRUCTED_EMPTY = "What it says when it is merely told to."
NOTHING_SAID = "(It said nothing.)"
COPY, COPIED = "Copy", "Copied"

# the concept's health
HEALTH_NONE = "It has not been examined."
HEALTH_USE = "Use it"
HEALTH_MORE_ABOUT = "More"

# keeping a comparison
KEEP = "Keep this comparison"
SAVE_MARKDOWN, SAVE_JSON = "Save as text (.md)", "Save as data (.json)"
SAVE_NOTHING = "There is nothing to save yet: press Compare first."
CODE = "The same from a program"
CODE_LEAD = "With what is set above. Each of these gives the two answers that Compare would."
CODE_KINDS = [("Python", "python"), ("Command line", "shell"), ("curl", "curl")]
CODE_NO_CONCEPT = "Choose a concept first."
CODE_COPY = "Copy the code"


def with_concept(name: str, at: float) -> str:
    return f"With {quoted(name)} at {at:g}"


def wish(name: str) -> str:
    """What a person might tell the model instead of teaching it."""
    return f"Write in this style: {name}."


def recommended_at(strength: float) -> str:
    return f"Works best at {strength:g}"


def per_second(speed: float) -> str:
    return f"{speed:.0f} per second" if speed >= 10 else f"{speed:.1f} per second"


def changed(different: int, of: int, left_out: int) -> str:
    if not different and left_out:
        are = "is" if left_out == 1 else "are"
        return (
            f"Nothing is new in the steered answer; {count(left_out, 'word', 'words')} of the original {are} left out."
        )
    if not different:
        return "Both answers are the same, word for word."
    return f"{different:,} of {count(of, 'word', 'words')} in the steered answer {'is' if different == 1 else 'are'} different."


# the file of a comparison
FILE_TITLE = "Comparison"
FILE_QUESTION, FILE_CONCEPT, FILE_STRENGTH, FILE_SYSTEM = "Question", "Concept", "Strength", "System prompt"
FILE_MODEL, FILE_SEED, FILE_LENGTH, FILE_VARIETY, FILE_MODE = "Model", "Dice roll", "Length", "Variety", "Mode"
FILE_MODES = {True: "answers in chat", False: "continues the text"}
FILE_WHEN = "Made"

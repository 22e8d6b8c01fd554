"""Words of the page Compare."""

from lineas.ui.words.common import quoted

COMPARE_TITLE = "Compare side by side"
COMPARE_LEAD = "One question, one roll of the dice, two answers: the plain model's, and the one your concept steers."
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


def with_concept(name: str, at: float) -> str:
    return f"With {quoted(name)} at {at:g}"

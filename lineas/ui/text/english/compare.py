"""Words of the page Compare."""

from lineas.ui.text.english.common import field

COMPARE_TITLE = "Compare side by side"
COMPARE_LEAD = "Ask once, see two answers: before and after."
STRENGTH_BUTTONS = [("Off", 0.0), ("Gentle", 0.5), ("As taught", 1.0), ("Strong", 1.5)]
PROMPT, PROMPT_HINT = "Your question", "Ask anything, or begin a text …"
PROMPTS = ["Tell me about your day.", "What should I cook tonight?", "Describe a walk by the sea."]
EMPTY_PROMPT = "Write a question first, then press Compare."
COMPARE_BUTTON, STOP_BUTTON, AGAIN_BUTTON = "Compare", "Stop", "Try again"
LOCK, LIVE, TINTED = "Keep randomness fixed", "Answer as I move the slider", "Which words"
CONVERSATION, FAMILY_SAFE = "Conversation", "Family-safe"
CONTINUE_BUTTON, NEW_CONVERSATION, BRING_BACK = "Continue", "New conversation", "Bring it back"
EDIT = "Edit"
EDITING = (
    "You are editing question {number}. The answers after it are asked anew. Press Edit again to leave it as it was."
)
CUT_OFF = "cut off"
STOPPED = "The answer stops here. Press Continue for more."
LESS_LIKELY, AS_LIKELY, MORE_LIKELY = "less likely", "as likely", "likelier with the concept"
TINTS_NONE = "Choose a concept to see which words it makes likelier."
FAMILY_HIDDEN = "This answer is hidden: it has a word that is not family-safe."
FAMILY_REROLLED = "An answer was not family-safe. It is hidden, and this is another one."
FAMILY_GAVE_UP = (
    "Three answers in a row were not family-safe, so none is shown. Ask something else, or use less strength."
)
INSTRUCT = "Also try just asking for it"
INSTRUCTION, INSTRUCTION_INFO = (
    "The same wish as an instruction",
    "“Say” and “Both” put it into the system prompt. The third column shows what it does without the concept.",
)
SAY_SHOW = field(
    "How the model gets the concept",
    "Show steers it, Say only asks it in words, Both does both.",
)
SAY_SHOWS = [("Show", "show"), ("Say", "say"), ("Both", "both")]
SAY_NOTHING = "Write the instruction that the model should read, or choose Show."
STRENGTH_UNUSED = "not used by Say"
SEED = field("Random seed", "The same number gives the same answers again")
LENGTH = field("Length", "The most tokens in an answer (a token is about ¾ of a word)")
VARIETY = field("Variety", "0 = always the likeliest word")
MODE, MODES = "The model should", [("answer me", "chat"), ("continue my text", "plain")]
SYSTEM = field("System prompt", "Instructions for both answers")
WITH_NAME = "With “{name}”"
ORIGINAL, STEERED, INSTRUCTED = "Original", "With a concept", "With the instruction only"
ORIGINAL_EMPTY = "What the model says on its own."
STEERED_EMPTY = "What it says with your concept."
STEERED_NO_CONCEPT = "Teach or choose a concept to see its answer here."
INSTRUCTED_EMPTY = "Answer when simply asked for the style."
HEALTH_NONE = "Not checked yet."
HEALTH_USE = "Use this strength"
HEALTH_DETAILS = "Health check in full"

# taking a comparison away
KEEP = "Keep this comparison"
SAVE_MARKDOWN, SAVE_JSON = "Save as text (.md)", "Save as data (.json)"
SAVE_SVG, SAVE_PNG = "Save as a picture (.svg)", "Save as a picture (.png)"
CARD_FOOT = "LinEAS Studio · {model}"
SAVE_NOTHING = "There is nothing to save yet. Press Compare first."
SHARE_BUTTON = "Copy a link to this"
LINK_NO_CONCEPT = (
    "The link is about the concept “{name}”, which is not on this computer. Ask whoever sent it for the .lineas file of the "
    "concept, and add it on My concepts."
)
CODE = "The same in code"
CODE_LEAD = "Each of these gives the same two answers as Compare, with the settings above."
CODE_KINDS = [("Python", "python"), ("Command line", "shell"), ("curl", "curl")]
CODE_NO_CONCEPT = "Choose a concept first."
CODE_COPY = "Copy the code"
FILE_TITLE = "Comparison"
FILE_QUESTION, FILE_CONCEPT, FILE_STRENGTH, FILE_SYSTEM = "Question", "Concept", "Strength", "System prompt"
FILE_MODEL, FILE_SEED, FILE_LENGTH, FILE_VARIETY, FILE_MODE = "Model", "Random seed", "Length", "Variety", "Mode"
FILE_SAY_SHOW = "Concept given by"
FILE_SAY_SHOWS = {"show": "", "say": "an instruction only", "both": "an instruction and steering"}
FILE_MODES = {True: "answers as a chat", False: "continues the text"}
FILE_WHEN = "Created"
# with names and numbers filled in
DEFAULT_INSTRUCTION = "Write in this style: {name}."


def with_concept(mode: str, name: str, strength: float) -> str:
    """The heading of a steered answer; ``mode`` as ``SAY_SHOWS`` has it."""
    if mode == "say":
        return f"With “{name}” as an instruction"
    return f"With “{name}” at {strength:g}" + (" and as an instruction" if mode == "both" else "")


def recommended_at(strength: float, both: bool) -> str:
    return f"Works best {'with “Both” ' if both else ''}at {strength:g}"


def per_second(speed: float) -> str:
    return f"{speed:.0f} per second" if speed >= 10 else f"{speed:.1f} per second"


def likelier(ratio: float) -> str:
    """How much likelier a word is, from the logarithm of the ratio."""
    times = 2.718281828 ** abs(ratio)
    return f"{min(times, 999):.1f} times {'likelier' if ratio > 0 else 'less likely'} with the concept"

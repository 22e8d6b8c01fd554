"""Words of the page Pictures."""

from lineas.ui.text.english.common import count, field, quoted

PICTURES = "Pictures"
PICTURES_TITLE = "Steer pictures, too"
PICTURES_LEAD = (
    "The same idea on a model that draws: see one picture with less and more of a concept, from the same random start. "
    "Pick an example, or teach your own below."
)
PICTURE_PRESETS = "Pick an example"
PICTURE_PROMPTS, PICTURE_PROMPTS_HINT = (
    "What to draw",
    "One prompt per line, up to four, such as: a red house by the sea",
)
PICTURE_SEED = field("Random seed", "Another number, another picture")
DRAW, DRAWING = "Draw", "Drawing … The first time, the model is loaded, too."
PICTURES_KNOW = (
    "The built-in model is tiny: 48 × 48 pixels, trained on drawings by a program. It knows a house, tent, car, boat, tree and "
    "balloon, in red, blue, yellow, green and purple; in a meadow, in the desert, by the sea, in the mountains; in the rain, snow, "
    "fog, in autumn, at night, at sunset, and as a pencil drawing."
)
LARGER_TITLE = "Larger models"
LARGER_LEAD = (
    "These are known by name. With a graphics card they draw in seconds; the first time, they are downloaded. None of them has "
    "been run here: what was tried are tiny networks of the same kinds. A concept belongs to the model on which it was taught. "
    "Sizes, licences and settings are in part from memory: the page of each model has the last word."
)
PICTURE_MODEL = field("Model", "“small” is the built-in one; or a name from below, or a folder on this computer")
PICTURE_STEPS, PICTURE_GUIDANCE = field("Steps", "For one picture"), field("Guidance", "0 is none")
PICTURE_LOAD = "Use this model"
PICTURE_MODEL_LOADING = (
    "Loading the model … A large one is downloaded first, which can take many minutes. The present one stays until "
    "it is ready."
)
LARGER_FACTS = "{size} in 16 bits · licence {licence} · steps {steps} · guidance {guidance}"
NOT_RUN = "not run here"
STRIP = "One picture, more and more of the concept"
STRIP_EMPTY = "The pictures appear here: the plain one first, then stronger and stronger."
TOLD_HEADING = "just asking"
PICTURE_SLIDER = "Strength"
PICTURE_BEFORE, PICTURE_AFTER = "Before", "After"
PAIR_EMPTY = "Draw something, then move the slider."
SAVE_STRIP, SAVE_GIF = "Save as PNG", "Save as GIF"

PICTURE_TEACH_TITLE = "Teach it something new"
PICTURE_TEACH_LEAD = (
    "Two lists of prompts: pictures as they are, and pictures as you want them. They need not match line by line; about sixteen in "
    "each are plenty. Swap the lists, and it learns to remove what it would add."
)
PICTURE_SOURCE, PICTURE_TARGET = "Pictures as they are", "Pictures as you want them"
PICTURE_BOX_HINT = "One prompt per line. For example:"
PICTURE_SOURCE_HINT = f"{PICTURE_BOX_HINT}\n\na red house by the sea\na blue car in a meadow"
PICTURE_TARGET_HINT = (
    f"{PICTURE_BOX_HINT}\n\na green tent by the sea at night\na yellow boat in the mountains at night"
)
PICTURE_NAME, PICTURE_NAME_HINT = "Name of the concept", "night, snow …"
PICTURE_WORD = field("In words", "For “just asking”: what a prompt would say instead, such as: at night")
PICTURE_UNNAMED = "My pictures"
PICTURE_TEACH, PICTURE_CANCEL, PICTURE_SWAP = "Teach", "Cancel", "Swap the lists"
PICTURE_UNDO = "Bring my own prompts back"
PICTURE_CHANGES = "How the picture changes"
PICTURE_CHANGES_EMPTY = "The first prompt of your list, drawn again and again while it learns."
PICTURE_CONCEPTS_TITLE = "Picture concepts"
PICTURE_CONCEPTS_LEAD = (
    "Every picture concept on this computer: the ones you taught, the ones you added, and the ready-made ones, each with a picture "
    "before and after."
)
PICTURE_CONCEPTS = "Picture concepts"
PICTURE_CHOOSE = "Choose a concept to see what you can do with it."
PICTURE_USE, PICTURE_OPEN = "Draw with it", "Open its prompts above"
PICTURE_IMPORT_TITLE = "Add a picture concept from somewhere else: drop its .lineas or .safetensors file here"
PICTURE_NO_PROMPTS = "Its prompts are not on this computer: only the concept itself was added."
FACT_IN_WORDS = "In words"
PICTURE_READING = "Loading the model and drawing all prompts once …"


def picture_strength(value: float) -> str:
    if value == 0:
        return "plain"
    if value == 1:
        return "as taught"
    return "a little" if value < 1 else "more than taught"


def picture_step(step: int) -> str:
    return "before" if step == 0 else f"step {step}"


def picture_alt(prompt: str, strength: str) -> str:
    return f"{prompt}, {strength}"


def told_alt(prompt: str, word: str) -> str:
    return f"{prompt} {word}, drawn without the concept"


def learning(name: str, step: int, of: int) -> str:
    return f"Teaching {quoted(name)}: step {step} of {of}"


def taught(name: str, before: float, after: float) -> str:
    return f"{quoted(name)} is taught. The distance to it went from {before:.3g} to {after:.3g}. Press {quoted(PICTURE_USE)} below."


def lesson_cancelled(name: str) -> str:
    return f"Teaching {quoted(name)} was cancelled. It is kept under “Unfinished”, where you can continue it."


def unknown_words(words: list[str]) -> str:
    listed = ", ".join([*(quoted(word) for word in words[:6]), *(["…"] if len(words) > 6 else [])])
    return f"The built-in model does not know {count(len(words), 'of your words', 'of your words')}: {listed}. It ignores them."


def first_prompts(most: int) -> str:
    return f"Only the first {most} prompts are drawn."


def picture_added(name: str) -> str:
    return f"{quoted(name)} was added and chosen above. Press Draw to see it."


def picture_model_in_use(name: str) -> str:
    return f"In use: {'the built-in model' if name == 'small' else name}."


def in_gigabytes(value: float) -> str:
    return f"{value:g} GB"


def replaces_network(base: str) -> str:
    return f"only a network, for {base}: from Python"


def card_alt(name: str) -> str:
    return f"{name}: before and after"

"""Words of the page Model."""

from lineas.ui.text.english.common import DEFAULT_MODEL, count, quoted

MODELS = "Model"
MODELS_TITLE = "The model that talks"
MODELS_LEAD = (
    "A concept belongs to the model that it was taught on. The built-in one is small and needs neither an account nor a "
    "graphics card; larger ones say cleverer things and need more memory."
)
MODELS_NOW, MODELS_COMES, MODELS_FAILED = "In memory now", "On its way", "Could not be loaded"
MODELS_FREE = "Free memory"
MODELS_STOP_LOADING = "Stop loading"
MODELS_NONE = "No model is loaded"
MODELS_NONE_DETAIL = "Choose one below and load it. Your concepts and sentences are where they were."
MODELS_HERE = "On this computer"
MODELS_OTHER, MODELS_OTHER_HINT = "Another model", "Qwen/Qwen2.5-0.5B-Instruct, or the path of a folder or .gguf file"
MODELS_OTHER_INFO = "A name on Hugging Face, a folder, or a .gguf file. A folder full of models is searched, too."
MODELS_OTHER_HINT_HUB, MODELS_OTHER_INFO_HUB = "Qwen/Qwen2.5-0.5B-Instruct", "A name on Hugging Face."
MODELS_NOT_NAMED = (
    "Files and folders of this computer cannot be named here, since the studio is open to others. Choose a model on the list, or "
    "one of Hugging Face."
)
MODELS_SUGGESTED = "For instance"
MODELS_SUGGESTIONS = [
    "HuggingFaceTB/SmolLM2-360M-Instruct",
    "Qwen/Qwen2.5-0.5B-Instruct",
    "meta-llama/Llama-3.2-1B-Instruct",
    "Qwen/Qwen2.5-1.5B-Instruct",
    "google/gemma-2-2b-it",
]
MODELS_LOAD = "Load this model"
MODELS_NOTHING = "Choose a model on the list, or name another one."
MODELS_KINDS = {"built-in": "built in", "hub": "Hugging Face", "folder": "folder", "gguf": "GGUF file"}
FACT_SIZE, FACT_PLACE, FACT_WHERE = "Size", "Where", "Runs on"
MODELS_CHATS, MODELS_CONTINUES = "answers questions", "continues a text, answers no questions"
MODELS_MEMORY = "Memory"
MODELS_MEMORY_UNKNOWN = (
    "How much memory it needs is found out before it is loaded. It is not loaded where it does not fit."
)
MODELS_FROM_NAME = "(judging by its name)"
MODELS_TEACHING_TAKES = "Teaching takes up to 1.5 GB more while it lasts."
MODELS_TO_FETCH = "It is not on this computer yet: it is fetched from Hugging Face first."
MODELS_FETCH_BUILT_IN = "It is fetched once (93 MB), and kept."
STEERS, STEERS_WITH_CARE, STEERS_UNTRIED = "known to work well", "works, with care", "not tried yet"

# why a button is off
WHY_NOTHING_TO_FREE = "Free memory works once a model is loaded."
WHY_ANSWERING = "An answer is being written with this model. Load and Free memory work when it is done."
WHY_GIVE_UP = "Stop loading gives it up, and so does loading another model."
WHY_NOT_USED = "Loading another model makes this one leave the memory. Concepts stay on the disk."

_WELL = "Llama, SmolLM and Mistral: the built-in model is of this family, and all that this studio recommends was measured on it."
_QWEN = "Qwen: the method was published with Qwen models of 1.5 and 7 billion weights, and halves their toxic answers."
_GEMMA = (
    "Gemma: it works, but on small ones a concept is hardly heard at strength 1 and plain at 1½. "
    "Go by the strength that is recommended once it is taught."
)
_GPT2 = "GPT-2: it can be steered, but it only continues texts. In More settings, choose “continue my text”."
_OTHER = (
    "This family has not been tried. The studio looks for the places to steer by running the model once, and says so if there "
    "are none. Trust a concept's health check, not its name."
)
_FAMILIES = {
    **dict.fromkeys(("llama", "mistral", "smollm3"), (STEERS, _WELL)),
    **dict.fromkeys(("qwen2", "qwen3"), (STEERS, _QWEN)),
    **dict.fromkeys(("gemma2", "gemma3", "gemma3_text"), (STEERS_WITH_CARE, _GEMMA)),
    "gpt2": (STEERS_WITH_CARE, _GPT2),
}


def family(name: str) -> tuple[str, str]:
    """How well steering is known to work on a family, in two or three words and in a sentence."""
    return _FAMILIES.get(name, (STEERS_UNTRIED, _OTHER))


def model_name(name: str, kind: str) -> str:
    """A model's name on the list."""
    if kind == "hub":
        return name
    return DEFAULT_MODEL if kind == "built-in" else name.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


def weights(number: int | None) -> str:
    """Number of weights, as people say it."""
    if number is None:
        return ""
    if number >= 1e9:
        return f"{number / 1e9:.3g} billion weights"
    return f"{number / 1e6:.3g} million weights" if number >= 1e6 else count(number, "weight", "weights")


def gigabytes(size: int) -> str:
    return f"{max(size / 1024**3, 0.1):.1f} GB"


def memory(needed: int, free: int) -> str:
    return f"needs about {gigabytes(needed)}; {gigabytes(free)} are free for it"


def device(name: str) -> str:
    if name.startswith("cuda"):
        return f"the graphics card ({name})"
    return {"cpu": "this computer's processor", "mps": "Apple's graphics chip"}.get(name, name)


def runs_on(place: str, dtype: str) -> str:
    return f"on {device(place)}, in {dtype}"


def does_not_fit(name: str, needed: int, free: int) -> str:
    return (
        f"{quoted(name)} needs about {gigabytes(needed)} of memory, and {gigabytes(free)} are free for it. "
        "Choose a smaller model, or close other programs. The present one stays."
    )


def models_inside(number: int) -> str:
    return f"This folder holds {count(number, 'model', 'models')}. Load puts them on the list."


def models_found(number: int) -> str:
    return f"{count(number, 'model is', 'models are')} on the list now. Choose one and load it."


def why_taught(name: str) -> str:
    return f"{quoted(name)} is being taught on this model. Load and Free memory work when that has ended, or was cancelled."


def places(number: int) -> str:
    return count(number, "place to steer", "places to steer")

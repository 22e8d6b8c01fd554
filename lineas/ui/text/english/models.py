"""Words of the page Model."""

from lineas.ui.text.english.common import DEFAULT_MODEL, count, field, model

MODELS = "Model"
MODELS_TITLE = "The model that talks"
MODELS_LEAD = (
    "A concept belongs to the model that it was taught on. The built-in model is small and needs no account and no graphics card; "
    "larger ones write better and need more memory."
)
MODELS_NOW, MODELS_LOADING, MODELS_FAILED = "In memory now", "Loading", "Could not be loaded"
MODELS_FREE, MODELS_STOP_LOADING = "Free memory", "Stop loading"
MODELS_NONE = "No model is loaded"
MODELS_NONE_DETAIL = "Choose one below and load it. Your concepts and sentences are still here."
MODELS_HERE = "On this computer"
MODELS_OTHER, MODELS_OTHER_HINT = "Another model", "Qwen/Qwen2.5-0.5B-Instruct, or the path of a folder or .gguf file"
MODELS_OTHER_INFO = "A name on Hugging Face, a folder, or a .gguf file. A folder of several models works, too."
MODELS_OTHER_HINT_HUB, MODELS_OTHER_INFO_HUB = "Qwen/Qwen2.5-0.5B-Instruct", "A name on Hugging Face."
MODELS_NOT_NAMED = (
    "You cannot name files or folders of this computer here, because the studio is open to others. "
    "Choose a model from the list, or one on Hugging Face."
)
MODELS_SUGGESTED = "For example"
MODELS_SUGGESTIONS = [
    "HuggingFaceTB/SmolLM2-360M-Instruct",
    "Qwen/Qwen2.5-0.5B-Instruct",
    "meta-llama/Llama-3.2-1B-Instruct",
    "Qwen/Qwen2.5-1.5B-Instruct",
    "google/gemma-2-2b-it",
]
MODELS_LOAD = "Load this model"
MODELS_NOTHING = "Choose a model from the list, or name another one."
MODELS_KINDS = {"built-in": "built in", "hub": "Hugging Face", "folder": "folder", "gguf": "GGUF file"}
FACT_SIZE, FACT_PLACE, FACT_WHERE = "Size", "Where", "Runs on"
FACT_DOWNLOAD, FACT_LICENCE = "Download", "Licence"
MODELS_LOOK_UP = "Show its size and licence"
MODELS_NO_LICENCE = "its page names none"
MODELS_GATED = "You have to accept it on the model’s page first."
MODELS_QUANTIZE = field("Weights", "In fewer bits a model takes less memory and answers a little less well.")
MODELS_QUANTIZE_CHOICES = [("as they are", "no"), ("8 bits", "8bit"), ("4 bits", "4bit")]
MODELS_QUANTIZED = {"8bit": "weights in 8 bits", "4bit": "weights in 4 bits"}
MODELS_NO_QUANTIZE = "With the package bitsandbytes larger models fit, in 8 or 4 bits: pip install bitsandbytes"
BETTER_NO = "No, thanks"
BETTER_LOADING = (
    "The built-in model answers until the better one is here. The ready-made concepts are then made for it in the "
    "background, one after the other; you can stop that at any time."
)
MODELS_CHATS, MODELS_CONTINUES = "answers questions", "continues a text instead of answering"
MODELS_MEMORY = "Memory"
MODELS_MEMORY_UNKNOWN = "Its size is checked before it is loaded. A model that does not fit is not loaded."
MODELS_FROM_NAME = "(judging by its name)"
MODELS_TEACHING_TAKES = "Teaching needs up to 1.5 GB more while it runs."
MODELS_TO_FETCH = "It is not on this computer yet: it will be downloaded from Hugging Face first."
MODELS_FETCH_BUILT_IN = "It is downloaded once (93 MB), and kept."
STEERS, STEERS_WITH_CARE, STEERS_UNTRIED = "known to work well", "works, with care", "not tried yet"

# beside the buttons
WHY_ANSWERING = "This model is writing an answer. You can change it when the answer is done."
WHY_LOADING_ANOTHER = "Loading another model stops this one."
WHY_REPLACED = "If you load another model, it takes the place of this one. Your concepts stay on disk."

_WELL = "Llama, SmolLM and Mistral: the built-in model belongs here, and everything the studio recommends was measured on it."
_QWEN = "Qwen: the method was published with Qwen models of 1.5 and 7 billion weights, and halves their toxic answers."
_GEMMA = (
    "Gemma: it works, but on small ones a concept is hardly noticeable at strength 1 and clear at 1½. "
    "Use the strength that is recommended once it is taught."
)
_GPT2 = "GPT-2: it can be steered, but it only continues texts. In More settings, choose “continue my text”."
_OTHER = (
    "This family has not been tried. The studio runs the model once to find the places to steer, and tells you if there are none. "
    "Rely on a concept's health check."
)
_FAMILIES = {
    **dict.fromkeys(("llama", "mistral", "smollm3"), (STEERS, _WELL)),
    **dict.fromkeys(("qwen2", "qwen3"), (STEERS, _QWEN)),
    **dict.fromkeys(("gemma2", "gemma3", "gemma3_text"), (STEERS_WITH_CARE, _GEMMA)),
    "gpt2": (STEERS_WITH_CARE, _GPT2),
}
# with names and numbers filled in
RUNS_ON = "on {device}, in {dtype}"
MEMORY = "needs about {needed}; {free} are free"
DOES_NOT_FIT = (
    "“{name}” needs about {needed} of memory, and {free} are free. "
    "Choose a smaller model, or close other programs. The current model stays loaded."
)
WHY_TAUGHT = "“{name}” is being taught on this model. You can change the model when that is done or stopped."


def better_model(name: str, size: int, licence: str) -> str:
    """The offer of a model, in two lines; ``size`` is 0 for one that is on this computer."""
    return f"Try a better model\n{model(name)} · {megabytes(size) or 'on this computer'} · {licence}"


def family(name: str) -> tuple[str, str]:
    """How well steering works on a family, in two or three words and in a sentence."""
    return _FAMILIES.get(name, (STEERS_UNTRIED, _OTHER))


def model_name(name: str, kind: str) -> str:
    """A model's name for the list: a hub id in full, else the last part of the path."""
    return {"hub": name, "built-in": DEFAULT_MODEL}.get(kind) or model(name)


def weights(number: int | None) -> str:
    """The number of weights in words; empty where unknown."""
    if number is None:
        return ""
    if number >= 1e9:
        return f"{number / 1e9:.3g} billion weights"
    return f"{number / 1e6:.3g} million weights" if number >= 1e6 else count(number, "weight", "weights")


def gigabytes(size: int) -> str:
    return f"{max(size / 1024**3, 0.1):.1f} GB"


def megabytes(size: int) -> str:
    """The size of a download; empty where unknown."""
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{max(size / 1e6, 1):.0f} MB" if size else ""


def device(name: str) -> str:
    if name.startswith("cuda"):
        return f"the graphics card ({name})"
    return {"cpu": "this computer's processor", "mps": "Apple's graphics chip"}.get(name, name)


def models_inside(number: int) -> str:
    them = "it" if number == 1 else "them"
    return f"This folder holds {count(number, 'model', 'models')}. Press “{MODELS_LOAD}” to add {them} to the list."


def models_found(number: int) -> str:
    return f"{count(number, 'model was', 'models were')} added to the list. Choose one and load it."


def places(number: int) -> str:
    return count(number, "place to steer", "places to steer")

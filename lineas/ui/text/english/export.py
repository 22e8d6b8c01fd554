"""Words of the part of My concepts that exports a concept."""

EXPORT = "Use it in other programs"
EXPORT_LEAD = (
    "Writes the concept and the model together, so that other programs run it without this studio. The strength is fixed then. "
    "What was written is loaded again and compared with the steered model before you get it."
)
EXPORT_FORMAT = "For which program?"
EXPORT_FORMATS = {
    "checkpoint": "transformers or vLLM: a whole model",
    "gguf": "llama.cpp, Ollama or LM Studio: GGUF files",
    "peft": "PEFT: a small file beside the model",
}
EXPORT_STRENGTH = "Strength, fixed in what is written"
EXPORT_INSTRUCTION = "Also write its instruction in, for chats that bring none"
EXPORT_START = "Export"
EXPORTING = (
    "Writing “{name}” and comparing it with the steered model. For the built-in model this takes less than a minute …"
)
EXPORT_PLACE = "It is in the folder {folder}."
EXPORT_DOWNLOADS = "Your download begins."


def export_done(name: str, strength: float, difference: float, effect: float) -> str:
    return (
        f"“{name}” at strength {strength:g} was written. Loaded again, it does what it does here, up to rounding (its numbers "
        f"differ "
        f"by at most {difference:.2g}, and the concept changes them by up to {effect:.2g})."
    )

"""Words of the part of My concepts that exports a concept."""

from lineas.ui.text.german.common import number

EXPORT = "In anderen Programmen verwenden"
EXPORT_LEAD = (
    "Schreibt Konzept und Modell zusammen in Dateien, die andere Programme ohne dieses Studio ausführen. Die Stärke steht danach "
    "fest. Bevor du sie bekommst, werden die Dateien wieder geladen und mit dem gesteuerten Modell verglichen."
)
EXPORT_FORMAT = "Für welches Programm?"
EXPORT_FORMATS = {
    "checkpoint": "transformers oder vLLM: ein ganzes Modell",
    "gguf": "llama.cpp, Ollama oder LM Studio: GGUF-Dateien",
    "peft": "PEFT: eine kleine Datei neben dem Modell",
}
EXPORT_STRENGTH = "Stärke, die in den Dateien feststeht"
EXPORT_INSTRUCTION = "Auch die Anweisung hineinschreiben, für Chats ohne eigene"
EXPORT_START = "Exportieren"
EXPORTING = (
    "„{name}“ wird geschrieben und mit dem gesteuerten Modell verglichen. Beim eingebauten Modell dauert das weniger als eine "
    "Minute …"
)
EXPORT_PLACE = "Der Ordner ist {folder}."
EXPORT_DOWNLOADS = "Der Download beginnt."


def export_done(name: str, strength: float, difference: float, effect: float) -> str:
    return (
        f"„{name}“ ist mit Stärke {number(strength)} geschrieben. Wieder geladen tut es dasselbe wie hier, bis auf Rundung (seine "
        f"Zahlen weichen um höchstens {number(difference, '.2g')} ab, und das Konzept ändert sie um bis zu "
        f"{number(effect, '.2g')})."
    )

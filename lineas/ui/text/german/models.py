"""Words of the page Model."""

from lineas.ui.text.german.common import DEFAULT_MODEL, count, field, model
from lineas.ui.text.german.common import number as _number

MODELS = "Modell"
MODELS_TITLE = "Das Modell, das redet"
MODELS_LEAD = (
    "Ein Konzept gehört zu dem Modell, das es gelernt hat. Das eingebaute ist klein und braucht weder Konto noch Grafikkarte; "
    "größere schreiben besser und brauchen mehr Speicher."
)
MODELS_NOW, MODELS_LOADING, MODELS_FAILED = "Jetzt im Speicher", "Wird geladen", "Ließ sich nicht laden"
MODELS_FREE, MODELS_STOP_LOADING = "Speicher freigeben", "Laden abbrechen"
MODELS_NONE = "Kein Modell geladen"
MODELS_NONE_DETAIL = "Wähl unten eines und lade es. Deine Konzepte und Sätze sind noch da."
MODELS_HERE = "Auf diesem Computer"
MODELS_OTHER = "Ein anderes Modell"
MODELS_OTHER_HINT = "Qwen/Qwen2.5-0.5B-Instruct, oder der Pfad eines Ordners oder einer .gguf-Datei"
MODELS_OTHER_INFO = (
    "Ein Name auf Hugging Face, ein Ordner oder eine .gguf-Datei. Ein Ordner mit mehreren Modellen geht auch."
)
MODELS_OTHER_HINT_HUB, MODELS_OTHER_INFO_HUB = "Qwen/Qwen2.5-0.5B-Instruct", "Ein Name auf Hugging Face."
MODELS_NOT_NAMED = (
    "Dateien und Ordner dieses Computers kannst du hier nicht angeben, weil das Studio auch für andere offen ist. "
    "Wähl ein Modell aus der Liste, oder eines auf Hugging Face."
)
MODELS_SUGGESTED = "Zum Beispiel"
MODELS_SUGGESTIONS = [
    "HuggingFaceTB/SmolLM2-360M-Instruct",
    "Qwen/Qwen2.5-0.5B-Instruct",
    "meta-llama/Llama-3.2-1B-Instruct",
    "Qwen/Qwen2.5-1.5B-Instruct",
    "google/gemma-2-2b-it",
]
MODELS_LOAD = "Dieses Modell laden"
MODELS_NOTHING = "Wähl ein Modell aus der Liste, oder nenn ein anderes."
MODELS_KINDS = {"built-in": "eingebaut", "hub": "Hugging Face", "folder": "Ordner", "gguf": "GGUF-Datei"}
FACT_SIZE, FACT_PLACE, FACT_WHERE = "Größe", "Ort", "Läuft auf"
FACT_DOWNLOAD, FACT_LICENCE = "Download", "Lizenz"
MODELS_LOOK_UP = "Größe und Lizenz zeigen"
MODELS_NO_LICENCE = "seine Seite nennt keine"
MODELS_GATED = "Du musst ihr zuerst auf der Seite des Modells zustimmen."
MODELS_QUANTIZE = field(
    "Gewichte", "Mit weniger Bits braucht ein Modell weniger Speicher und antwortet ein wenig schlechter."
)
MODELS_QUANTIZE_CHOICES = [("wie sie sind", "no"), ("8 Bit", "8bit"), ("4 Bit", "4bit")]
MODELS_QUANTIZED = {"8bit": "Gewichte in 8 Bit", "4bit": "Gewichte in 4 Bit"}
MODELS_NO_QUANTIZE = "Mit dem Paket bitsandbytes passen größere Modelle, in 8 oder 4 Bit: pip install bitsandbytes"
BETTER_NO = "Nein, danke"
BETTER_LOADING = (
    "Das eingebaute Modell antwortet, bis das bessere da ist. Danach werden die mitgelieferten Konzepte im Hintergrund dafür "
    "gelernt, eines nach dem anderen; das kannst du jederzeit abbrechen."
)
MODELS_CHATS, MODELS_CONTINUES = "beantwortet Fragen", "setzt einen Text fort, statt zu antworten"
MODELS_MEMORY = "Speicher"
MODELS_MEMORY_UNKNOWN = "Vor dem Laden wird geprüft, wie groß es ist. Ein Modell, das nicht passt, wird nicht geladen."
MODELS_FROM_NAME = "(nach seinem Namen zu urteilen)"
MODELS_TEACHING_TAKES = "Während es lernt, braucht es bis zu 1,5 GB mehr."
MODELS_TO_FETCH = "Es ist noch nicht auf diesem Computer: Zuerst wird es von Hugging Face heruntergeladen."
MODELS_FETCH_BUILT_IN = "Es wird einmal heruntergeladen (93 MB) und dann behalten."
STEERS, STEERS_WITH_CARE, STEERS_UNTRIED = "erprobt und gut", "geht, mit Bedacht", "noch nicht ausprobiert"

# beside the buttons
WHY_ANSWERING = "Dieses Modell schreibt gerade eine Antwort. Wechseln kannst du, wenn sie fertig ist."
WHY_LOADING_ANOTHER = "Wenn du ein anderes Modell lädst, wird dieses nicht weiter geladen."
WHY_REPLACED = (
    "Ein anderes Modell tritt im Speicher an die Stelle von diesem. Deine Konzepte bleiben auf der Festplatte."
)

_WELL = (
    "Llama, SmolLM und Mistral: Das eingebaute Modell gehört dazu, und was das Studio empfiehlt, ist damit gemessen."
)
_QWEN = (
    "Qwen: Das Verfahren wurde mit Qwen-Modellen von 1,5 und 7 Milliarden Gewichten veröffentlicht; beleidigende "
    "(toxische) Antworten halbiert es."
)
_GEMMA = (
    "Gemma: Es geht, aber bei kleinen merkt man ein Konzept bei Stärke 1 kaum, bei 1½ deutlich. "
    "Nimm die Stärke, die nach dem Lernen empfohlen wird."
)
_GPT2 = "GPT-2: Es lässt sich steuern, aber es setzt nur Texte fort. Wähl unter „Weitere Einstellungen“ „meinen Text fortsetzen“."
_OTHER = (
    "Diese Familie ist noch nicht ausprobiert. Das Studio lässt das Modell einmal laufen, um die Stellen zum Steuern zu "
    "finden, und sagt dir, wenn es keine gibt. Verlass dich auf die Prüfung eines Konzepts."
)
_FAMILIES = {
    **dict.fromkeys(("llama", "mistral", "smollm3"), (STEERS, _WELL)),
    **dict.fromkeys(("qwen2", "qwen3"), (STEERS, _QWEN)),
    **dict.fromkeys(("gemma2", "gemma3", "gemma3_text"), (STEERS_WITH_CARE, _GEMMA)),
    "gpt2": (STEERS_WITH_CARE, _GPT2),
}
# with names and numbers filled in
RUNS_ON = "auf {device}, in {dtype}"
MEMORY = "braucht etwa {needed}; {free} sind frei"
DOES_NOT_FIT = (
    "„{name}“ braucht etwa {needed} Speicher, und {free} sind frei. "
    "Wähl ein kleineres Modell, oder schließ andere Programme. Das jetzige Modell bleibt geladen."
)
WHY_TAUGHT = "„{name}“ wird gerade mit diesem Modell gelernt. Wechseln kannst du, wenn das fertig oder angehalten ist."


def better_model(name: str, size: int, licence: str) -> str:
    """The offer of a model, in two lines; ``size`` is 0 for one that is on this computer."""
    return f"Probier ein besseres Modell\n{model(name)} · {megabytes(size) or 'auf diesem Computer'} · {licence}"


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
        return f"{_number(number / 1e9, '.3g')} Milliarden Gewichte"
    if number >= 1e6:
        return f"{_number(number / 1e6, '.3g')} Millionen Gewichte"
    return count(number, "Gewicht", "Gewichte")


def gigabytes(size: int) -> str:
    return f"{_number(max(size / 1024**3, 0.1), '.1f')} GB"


def megabytes(size: int) -> str:
    """The size of a download; empty where unknown."""
    if size >= 1e9:
        return f"{_number(size / 1e9, '.1f')} GB"
    return f"{max(size / 1e6, 1):.0f} MB" if size else ""


def device(name: str) -> str:
    if name.startswith("cuda"):
        return f"der Grafikkarte ({name})"
    return {"cpu": "dem Prozessor dieses Computers", "mps": "Apples Grafikchip"}.get(name, name)


def models_inside(number: int) -> str:
    are, come = ("ist", "kommt es") if number == 1 else ("sind", "kommen sie")
    here = f"In diesem Ordner {are} {count(number, 'Modell', 'Modelle')}."
    return f"{here} Drück auf „{MODELS_LOAD}“, dann {come} in die Liste."


def models_found(number: int) -> str:
    return f"{count(number, 'Modell steht', 'Modelle stehen')} jetzt neu in der Liste. Wähl eines und lade es."


def places(number: int) -> str:
    return count(number, "Stelle zum Steuern", "Stellen zum Steuern")

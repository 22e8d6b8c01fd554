"""Words of the page Pictures."""

from lineas.ui.text.german.common import field, number, quoted

PICTURES = "Bilder"
PICTURES_TITLE = "Auch Bilder lassen sich steuern"
PICTURES_LEAD = (
    "Dasselbe mit einem Modell, das zeichnet: Sieh dir ein Bild mit weniger und mit mehr von einem Konzept an, immer mit demselben "
    "Zufall. Nimm ein Beispiel, oder bring ihm unten ein eigenes Konzept bei."
)
PICTURE_PRESETS = "Nimm ein Beispiel"
PICTURE_PROMPTS, PICTURE_PROMPTS_HINT = (
    "Was es zeichnen soll",
    "Ein Bild pro Zeile, höchstens vier, auf Englisch: a red house by the sea",
)
PICTURE_SEED = field("Startzahl (Seed)", "Eine andere Zahl, ein anderes Bild")
DRAW, DRAWING = "Zeichnen", "Es zeichnet … Beim ersten Mal wird auch das Modell geladen."
PICTURES_KNOW = (
    "Das eingebaute Modell ist winzig: 48 × 48 Pixel, gelernt aus Zeichnungen eines Programms. Es kennt house, tent, car, boat, "
    "tree und balloon, in red, blue, yellow, green und purple; in a meadow, in the desert, by the sea, in the mountains; in the "
    "rain, snow, fog, in autumn, at night, at sunset, und as a pencil drawing."
)
LARGER_TITLE = "Größere Modelle"
LARGER_LEAD = (
    "Diese kennt das Studio beim Namen. Mit einer Grafikkarte zeichnen sie in Sekunden; beim ersten Mal werden sie "
    "heruntergeladen. Keines davon lief hier: Ausprobiert sind winzige Netze derselben Bauart. Ein Konzept gehört zu dem Modell, "
    "dem es beigebracht wurde. Größen, Lizenzen und Einstellungen sind zum Teil aus dem Gedächtnis: Es gilt, was auf der Seite des "
    "Modells steht."
)
PICTURE_MODEL = field(
    "Modell", "„small“ ist das eingebaute; sonst ein Name von unten oder ein Ordner auf diesem Computer"
)
PICTURE_STEPS, PICTURE_GUIDANCE = field("Schritte", "Für ein Bild"), field("Guidance", "0 heißt: keine")
PICTURE_LOAD = "Dieses Modell nehmen"
PICTURE_MODEL_LOADING = (
    "Das Modell wird geladen … Ein großes wird zuerst heruntergeladen; das kann viele Minuten dauern. Das jetzige bleibt, bis es "
    "da ist."
)
LARGER_FACTS = "{size} in 16 Bit · Lizenz {licence} · Schritte {steps} · Guidance {guidance}"
NOT_RUN = "lief hier nicht"
STRIP = "Ein Bild, immer mehr vom Konzept"
STRIP_EMPTY = "Hier erscheinen die Bilder: zuerst das unveränderte, dann stärker und stärker."
TOLD_HEADING = "nur darum gebeten"
PICTURE_SLIDER = "Stärke"
PICTURE_BEFORE, PICTURE_AFTER = "Vorher", "Nachher"
PAIR_EMPTY = "Zeichne etwas, dann beweg den Regler."
SAVE_STRIP, SAVE_GIF = "Als PNG speichern", "Als GIF speichern"

PICTURE_TEACH_TITLE = "Bring ihm etwas Neues bei"
PICTURE_TEACH_LEAD = (
    "Zwei Listen von Bildbeschreibungen: Bilder, wie sie sind, und Bilder, wie du sie willst. Zeile für Zeile zusammenpassen "
    "müssen sie nicht; je etwa sechzehn reichen gut. Tausch die Listen, und es lernt wegzulassen, was es sonst dazugäbe."
)
PICTURE_SOURCE, PICTURE_TARGET = "Bilder, wie sie sind", "Bilder, wie du sie willst"
PICTURE_BOX_HINT = "Eine Beschreibung pro Zeile, auf Englisch. Zum Beispiel:"
PICTURE_SOURCE_HINT = f"{PICTURE_BOX_HINT}\n\na red house by the sea\na blue car in a meadow"
PICTURE_TARGET_HINT = (
    f"{PICTURE_BOX_HINT}\n\na green tent by the sea at night\na yellow boat in the mountains at night"
)
PICTURE_NAME, PICTURE_NAME_HINT = "Name des Konzepts", "Nacht, Schnee …"
PICTURE_WORD = field(
    "Mit Worten", "Für „nur darum gebeten“: was man stattdessen dazuschreiben würde, zum Beispiel: at night"
)
PICTURE_UNNAMED = "Meine Bilder"
PICTURE_TEACH, PICTURE_CANCEL, PICTURE_SWAP = "Beibringen", "Abbrechen", "Listen tauschen"
PICTURE_UNDO = "Meine eigenen Beschreibungen zurückholen"
PICTURE_CHANGES = "Wie sich das Bild ändert"
PICTURE_CHANGES_EMPTY = "Das erste Bild deiner Liste, immer wieder gezeichnet, während es lernt."
PICTURE_CONCEPTS_TITLE = "Bildkonzepte"
PICTURE_CONCEPTS_LEAD = (
    "Alle Bildkonzepte auf diesem Computer: was du ihm beigebracht oder hinzugefügt hast, und die mitgelieferten, jedes mit "
    "einem Bild vorher und nachher."
)
PICTURE_CONCEPTS = "Bildkonzepte"
PICTURE_CHOOSE = "Wähl ein Konzept, dann siehst du, was du damit tun kannst."
PICTURE_USE, PICTURE_OPEN = "Damit zeichnen", "Seine Beschreibungen oben öffnen"
PICTURE_IMPORT_TITLE = "Ein Bildkonzept von anderswo hinzufügen: Zieh seine .lineas- oder .safetensors-Datei hierher"
PICTURE_NO_PROMPTS = "Seine Beschreibungen sind nicht auf diesem Computer: Nur das Konzept selbst wurde hinzugefügt."
FACT_IN_WORDS = "Mit Worten"
PICTURE_READING = "Das Modell wird geladen, und jedes Bild wird einmal gezeichnet …"


def picture_strength(value: float) -> str:
    if value == 0:
        return "unverändert"
    if value == 1:
        return "wie gelernt"
    return "ein wenig" if value < 1 else "mehr als gelernt"


def picture_step(step: int) -> str:
    return "vorher" if step == 0 else f"Schritt {step}"


def picture_alt(prompt: str, strength: str) -> str:
    return f"{prompt}, {strength}"


def told_alt(prompt: str, word: str) -> str:
    return f"{prompt} {word}, ohne das Konzept gezeichnet"


def learning(name: str, step: int, of: int) -> str:
    return f"Es lernt {quoted(name)}: Schritt {step} von {of}"


def taught(name: str, before: float, after: float) -> str:
    distance = f"von {number(before, '.3g')} auf {number(after, '.3g')}"
    return f"{quoted(name)} ist gelernt. Der Abstand dazu ging {distance}. Drück unten auf {quoted(PICTURE_USE)}."


def lesson_cancelled(name: str) -> str:
    return f"Das Lernen von {quoted(name)} ist abgebrochen. Du findest es unter „Nicht fertig“ und kannst es dort fortsetzen."


def unknown_words(words: list[str]) -> str:
    listed = ", ".join([*(quoted(word) for word in words[:6]), *(["…"] if len(words) > 6 else [])])
    many = f"{len(words)} deiner Wörter" if len(words) > 1 else "eines deiner Wörter"
    return f"Das eingebaute Modell kennt {many} nicht und übergeht {'sie' if len(words) > 1 else 'es'}: {listed}."


def first_prompts(most: int) -> str:
    return f"Gezeichnet werden nur die ersten {most}."


def picture_added(name: str) -> str:
    return f"{quoted(name)} ist hinzugefügt und oben gewählt. Drück auf Zeichnen, dann siehst du es."


def picture_model_in_use(name: str) -> str:
    return f"Im Einsatz: {'das eingebaute Modell' if name == 'small' else name}."


def in_gigabytes(value: float) -> str:
    return f"{number(value, 'g')} GB"


def replaces_network(base: str) -> str:
    return f"nur ein Netz, für {base}: aus Python"


def card_alt(name: str) -> str:
    return f"{name}: vorher und nachher"

"""Words of the page Teach."""

from lineas.ui.text.german.common import DISTANCE, count, field, number, quoted

TEACH_TITLE = "Bring es ihm mit Beispielen bei"
TEACH_LEAD = "Gib ihm zwei Listen mit Sätzen, je ein paar Dutzend. Zeile für Zeile zusammenpassen müssen sie nicht."
PRESETS = "Fang mit einem Beispiel an"
SOURCE, TARGET = "So redet es jetzt", "So soll es reden"
BOX_HINT = "Ein Satz pro Zeile, oder zieh eine Datei hierher. Zum Beispiel:"
SOURCE_HINT = f"{BOX_HINT}\n\nI went to the market this morning.\nThe weather is mild today."
TARGET_HINT = f"{BOX_HINT}\n\nArr, I set sail for the market at dawn!\nFair winds today, me hearties!"
UPLOAD = "Datei öffnen …"
CONCEPT_NAME, CONCEPT_NAME_HINT = "Name des Konzepts", "Pirat, fröhlich, förmlich …"
UNNAMED = "Mein Konzept"
UNDO = "Meine eigenen Sätze zurückholen"
TEACH_BUTTON, CANCEL_BUTTON, RESUME_BUTTON, TRY_BUTTON = (
    "Beibringen",
    "Abbrechen",
    "Weiterlernen",
    "Im Vergleich ausprobieren",
)

# drafts
WISH, WISH_HINT = (
    "Oder sag, wie es reden soll",
    "auf Englisch, zum Beispiel: a grumpy old wizard, very polite …",
)
DRAFT_BUTTON, DRAFT_MORE, DRAFT_REWRITE = (
    "Schreib mir Beispiele",
    "Noch {count}",
    "Meine linke Liste in diesem Stil umschreiben",
)
DRAFTING = "Das Modell schreibt Beispiele … {done} von {of}. Gleich kannst du sie ändern."
DRAFTS_ALIKE = (
    "Dieses Modell redet kaum anders, wenn man es darum bittet. Die wenigen brauchbaren Entwürfe stehen unten: Lies sie durch, und "
    "schreib rechts selbst ein paar Sätze dazu, oder lade auf der Seite „Modell“ ein größeres Modell."
)
DRAFTS_NONE = (
    "Nichts, was das Modell dazu geschrieben hat, war brauchbar: Seine Antworten unterschieden sich nicht, oder sie endeten nicht. "
    "Sag es mit anderen Worten, schreib rechts selbst ein paar Sätze, oder lade auf der Seite „Modell“ ein größeres Modell."
)

# data sets
DATASET = "Sätze aus einem Datensatz oder einer Tabelle laden"
DATASET_LEAD = (
    "Ein Datensatz auf Hugging Face, oder eine Datei oder ein Ordner auf diesem Computer. Hat er Labels, zum Beispiel happy und "
    "sad, kann jedes Feld eines davon bekommen."
)
DATASET_LEAD_HUB = (
    "Ein Datensatz auf Hugging Face. Hat er Labels, zum Beispiel happy und sad, kann jedes Feld eines davon bekommen."
)
DATASET_NAME, DATASET_NAME_HINT = "Datensatz", "stanfordnlp/imdb, oder ein Pfad wie ~/reviews.xlsx"
DATASET_NAME_HINT_HUB = "stanfordnlp/imdb"
DATASET_SPLIT, DATASET_LOOK = "Teil", "Hineinschauen"
DATASET_COLUMN, DATASET_LABEL = "Die Sätze stehen in", "Die Labels stehen in"
DATASET_LIMIT = "Höchstens so viele Sätze pro Liste"
DATASET_NO_LABEL, DATASET_LEAVE, DATASET_ALL = "keine Labels", "lassen, wie es ist", "alle Sätze"
DATASET_FILL = "In die Felder übernehmen"
DATASET_NOTHING = "Wähl für mindestens eines der Felder, was hineinsoll."
NO_LOCAL_FILES = (
    "Dateien dieses Computers kannst du hier nicht angeben, weil das Studio auch für andere offen ist. Nimm „Datei öffnen …“ unter "
    "einem Feld, oder einen Datensatz auf Hugging Face."
)

# settings
ADVANCED = "Für Fortgeschrittene"
RECIPE = field(
    "Rezept",
    "Schnell passt fast immer. Gründlich liest in jedem Schritt mehr Sätze, braucht bis zu viermal so lange "
    "und überlässt weniger dem Zufall. "
    "Studie ist das veröffentlichte Verfahren.",
)
RECIPES = [("Schnell", "quick"), ("Gründlich", "thorough"), ("Studie", "paper")]
STEPS = field("Schritte", "0 = so viele, wie das Rezept sagt")
TEACH_SEED = field("Startzahl (Seed)", "Dieselbe Zahl ergibt wieder dasselbe Konzept")
SUPPORT = field("Klein halten", "Wie viel Prozent der inneren Zahlen des Modells sich ändern dürfen; 100 = alle")
SPARSITY = field(
    "Sparsamkeit γ", "0 = keine; ein größerer Wert ändert weniger am Modell und wirkt schwächer; probier 0,007"
)
SITES = field(
    "Wo es das Modell ändern darf",
    "Wähl eine Gruppe, oder schreib einen regulären Ausdruck für die Namen seiner Teile",
)
SITE_CHOICES = [
    ("Wie es das Rezept sagt (meist am besten)", "default"),
    ("Die Norm vor jedem MLP", "mlp-norms"),
    ("Wie in der Studie: Normen nach Attention und MLP", "paper"),
    ("Jede Norm", "norms"),
    ("Ausgaben der Attention", "attention"),
    ("Ausgaben der MLPs", "mlp"),
    ("Ausgaben der Blöcke", "blocks"),
]
PREVIEW_ASK = field("Probefrage", "Wird beim Lernen immer wieder gestellt; leer = nie")

# while it learns
DISTANCE_TITLE = "Abstand zum Konzept (kleiner ist besser)"
CHART_EMPTY = "Hier erscheint die Kurve, während es lernt."
STEPS_AXIS = "Schritt"
PREVIEW_TITLE = "Wie sich seine Antworten ändern"
PREVIEW_EMPTY = (
    "Dieselbe kurze Frage, beim Lernen immer wieder beantwortet: So kannst du zusehen, wie das Konzept ankommt."
)
PREVIEW_OFF = "Es gibt keine Vorschau, weil die Probefrage (unter „Für Fortgeschrittene“) leer war."
PREVIEW_START, PREVIEW_END = "vorher", "gelernt"
DETAILS, LOG_AT = "Einzelheiten", "Das Protokoll steht in {path}"
HOW_LONG_UNKNOWN = "Wie lange es mit diesem Modell dauert, zeigt sich nach den ersten Schritten."
# with names and numbers filled in
PREVIEW_PROMPT = "Gefragt: „{prompt}“"
PREVIEW_STEP = "Schritt {step}"
SEVERAL_COLUMNS = "„{name}“ ist eine Tabelle. Wähl unten, in welcher Spalte die Sätze stehen."
SPLITS = (
    "„{name}“ kann beide Felder füllen. Wähl unten, was wohin soll, und drück dann auf „In die Felder übernehmen“."
)
TABLE_PREVIEW = "Die ersten Zeilen der Tabelle"


def column(name: str) -> str:
    return f"die Spalte {quoted(name)}"


def more_columns(number: int) -> str:
    return f"und {count(number, 'weitere Spalte', 'weitere Spalten')}"


def sentences(number: int, repeats: int, drafts: int = 0) -> str:
    parts = [count(number, "Satz", "Sätze")]
    if repeats:
        parts.append(f"{count(repeats, 'Wiederholung', 'Wiederholungen')} weggelassen")
    if drafts:
        parts.append(count(drafts, "Entwurf", "Entwürfe"))
    return " · ".join(parts)


def drafts(number: int) -> str:
    """What to do with so many drafts."""
    written = count(number, "Entwurf vom Modell", "Entwürfe vom Modell")
    return f"{written}. Lies sie, ändere oder lösch, was dir nicht passt, dann drück auf Beibringen."


def chart(step: int, of: int, start: float, now: float) -> str:
    """The chart in one sentence, for screen readers."""
    return f"{DISTANCE}: {number(start, '.3g')} am Anfang, {number(now, '.3g')} nach {step} von {of} Schritten. Kleiner ist besser."


def how_long(seconds: float, runs: int) -> str:
    """The time that teaching will take, estimated from ``runs`` earlier trainings (0: from a measured constant)."""
    known = "geschätzt nach dem letzten Mal" if runs == 1 else f"geschätzt nach den letzten {runs} Malen"
    if not runs:
        known = "gemessen auf zwei Prozessorkernen; bei dir vielleicht anders"
    return f"Das Lernen dauert {roughly(seconds)}, {known}."


def roughly(seconds: float) -> str:
    if seconds < 8:
        return "ein paar Sekunden"
    if seconds < 50:
        return f"etwa {5 * round(seconds / 5)} Sekunden"
    if seconds < 100:
        return "etwa eine Minute" if seconds < 75 else "etwa eineinhalb Minuten"
    if seconds < 5400:
        return f"etwa {round(seconds / 60)} Minuten"
    return f"etwa {round(seconds / 3600)} Stunden"


def filled(source: int | None, target: int | None) -> str:
    """How many sentences went from a data set into each box; None for a box that was left as it was."""
    counts = [
        f"{count(number, 'Satz', 'Sätze')} in {quoted(side)}"
        for number, side in ((source, SOURCE), (target, TARGET))
        if number is not None
    ]
    return f"{' und '.join(counts)}."

"""Words of the page My concepts."""

from lineas.ui.text.german.common import CONCEPT_KINDS, count, model, number, percent
from lineas.ui.text.german.teach import roughly

CONCEPTS = "Meine Konzepte"
CONCEPTS_TITLE = "Deine Konzepte"
CONCEPTS_LEAD = "Alle Konzepte auf diesem Computer: deine eigenen, die hinzugefügten und die mitgelieferten."
CONCEPTS_LIST, CONCEPTS_RUNS = "Konzepte", "Nicht fertig"
CONCEPTS_SEARCH, CONCEPTS_ALL_MODELS = "Suchen", "Alle Modelle"
CONCEPTS_NONE_FOUND = "Kein Konzept enthält diese Wörter. Such nach etwas anderem, oder wähl „Alle Modelle“."
CONCEPTS_MAKE_ALL = "Alle mitgelieferten Konzepte für dieses Modell lernen"
CONCEPTS_MAKE_STOP = "Damit aufhören"
CONCEPTS_NOTHING = "Wähl ein Konzept, dann siehst du, was es ist und was du damit machen kannst."
CONCEPTS_USE, CONCEPTS_INSIDE, CONCEPTS_RESUME = "Damit vergleichen", "Hineinschauen", "Weiterlernen"
CONCEPTS_SENTENCES, CONCEPTS_DUPLICATE = "Seine Sätze bei Beibringen öffnen", "Duplizieren"
CONCEPTS_SHARE, CONCEPTS_DOWNLOAD = "Als eine Datei weitergeben", "Als .safetensors herunterladen"
CONCEPTS_DELETE, CONCEPTS_UNDO = "Löschen", "Rückgängig"
CONCEPTS_NAME, CONCEPTS_NOTE, CONCEPTS_SAVE = "Name", "Notiz", "Name und Notiz speichern"
CONCEPTS_NOTE_HINT = "Wofür es gut ist, welche Stärke dir gefallen hat …"
CONCEPTS_IMPORT_TITLE = "Ein Konzept von anderswo hinzufügen: Zieh seine .lineas- oder .safetensors-Datei hierher"
CONCEPTS_IMPORT = "Die .lineas- oder .safetensors-Datei eines Konzepts"
CONCEPTS_READY_MADE = (
    "Dieses Konzept gehört zum Studio und lässt sich nicht ändern. Dupliziere es, dann hast du eine eigene Kopie."
)
HUB_GIVE_TITLE = "Auf Hugging Face veröffentlichen"
HUB_REPO, HUB_REPO_HINT = "Name dort", "dein-name/pirate"
HUB_TOKEN, HUB_TOKEN_INFO = (
    "Dein Hugging-Face-Token",
    "Es braucht das Recht zu schreiben; du bekommst eines auf huggingface.co/settings/tokens. Es wird einmal benutzt und nicht "
    "aufbewahrt.",
)
HUB_OWN_TOKEN = "leer: das von diesem Computer"
HUB_PRIVATE, HUB_GIVE = "Nur ich kann es sehen", "Veröffentlichen"
HUB_BRING, HUB_BRING_LABEL = "Hinzufügen", "Oder gib seinen Namen auf Hugging Face ein"
HUB_NO_NAME = "Gib zuerst einen Namen ein: den deines Kontos und den des Konzepts, zum Beispiel anna/pirate."
HUB_NEEDS_TOKEN = "Gib dein eigenes Hugging-Face-Token ein: Das des Studios gilt nicht für Leute an anderen Computern."
ITEM_KINDS = {**CONCEPT_KINDS, "unfinished": "nicht fertig"}
RUN_ENDS = {"failed": "fehlgeschlagen", "cancelled": "angehalten", "interrupted": "unterbrochen"}
CHOOSE_FIRST = "Wähl zuerst ein Konzept aus der Liste."
IS_GONE = "Dieses Konzept gibt es nicht mehr: Es wurde in einem anderen Fenster gelöscht. Wähl ein anderes."
NO_SENTENCES = "Seine Sätze sind nicht auf diesem Computer: Hinzugefügt wurde nur das Konzept selbst."
# with names and numbers filled in
SAVED = "Als „{name}“ gespeichert."
IMPORTED = "„{name}“ ist da. Vergleich damit, oder schau hinein."
DUPLICATED = "„{name}“ ist deine eigene Kopie. Ändere daran, was du willst."
DELETED = "„{name}“ ist gelöscht."
PUBLISHED = "„{name}“ ist veröffentlicht: {url}"
RESTORED = "„{name}“ ist wieder da."
BOTH_SIDES = "{source} wie es jetzt redet, {target} wie du es willst"


def other_model(name: str) -> str:
    """The name of a model for the small print of a list; empty for the default model."""
    return "" if name in ("", "default") else model(name)


def ended(state: str, step: int, of: int) -> str:
    """How an unfinished run ended, for the list."""
    return f"{RUN_ENDS[state]} bei Schritt {step} von {of}" if of else f"{RUN_ENDS[state]} vor dem ersten Schritt"


def why_unfinished(state: str, error: str) -> str:
    if state == "failed":
        return error or "Es ist fehlgeschlagen, der Grund ist unbekannt."
    if state == "cancelled":
        return "Du hast es angehalten. Was es bis dahin gelernt hat, ist noch da: Du kannst dort weitermachen."
    return "Das Studio wurde beendet, während es lernte. Was es bis dahin gelernt hat, ist noch da: Du kannst dort weitermachen."


def distances(start: float, end: float) -> str:
    closer = f" ({percent((start - end) / start)} näher)" if 0 < start and end < start else ""
    return f"{number(start, '.3g')} → {number(end, '.3g')}{closer}"


def card_verdict(title: str, strength: float) -> str:
    return f"{title[:1].upper()}{title[1:]} · {number(strength)}"


def ready_made_offer(number: int, model: str, seconds: float | None) -> str:
    """What it takes to make so many ready-made concepts for a model; ``seconds`` is None for a model that was never timed."""
    them = count(number, "mitgeliefertes Konzept gibt", "mitgelieferte Konzepte gibt")
    time = (
        f"Das dauert {roughly(seconds)}" if seconds is not None else "Wie lange das dauert, zeigt sich nach dem ersten"
    )
    return f"{them} es für {model} noch nicht. {time}; es läuft im Hintergrund, eines nach dem anderen."


def ready_made_waiting(number: int) -> str:
    them = count(number, "mitgeliefertes Konzept wird", "mitgelieferte Konzepte werden")
    return f"{them} gerade gelernt, eines nach dem anderen."

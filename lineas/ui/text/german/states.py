"""Sentences of the banner and beside the buttons: what is going on, and why a button is off."""

from lineas.ui.text.german.common import number, percent, quoted, time_left

# why a button is off
WHY_STOPPING = "Es hält nach diesem Schritt an. Was es gelernt hat, bleibt."
WHY_LOADING = "Das Modell wird noch geladen. Schreiben kannst du schon."
WHY_NO_MODEL = "Es ist kein Modell geladen. Lade eines auf der Seite „Modell“."
WHY_MODEL_ERROR = "Das Modell konnte nicht geladen werden (siehe oben)."
WHY_BROKEN = "Die Grafikkarte antwortet nicht mehr. Starte das Studio mit dem Knopf oben neu."
QUEUES = "„{name}“ wird gerade gelernt. Was du jetzt beibringst, kommt danach dran."
SHARING = "Solange es lernt, dauern Antworten länger."

# what is going on
READY = "Bereit."
READY_DETAIL = "Bring ihm etwas bei, oder probier unter „Vergleichen“ ein mitgeliefertes Konzept aus."
NO_MODEL = "Es ist kein Modell geladen."
LOADING = "Das Modell wird geladen …"
STOPPING = "Es hält nach diesem Schritt an …"
# with names and numbers filled in
QUEUED = "„{name}“ wartet, bis es dran ist."
DONE = "„{name}“ ist fertig. Probier es unter „Vergleichen“ aus."
CANCELLED = (
    "„{name}“ wurde bei Schritt {step} angehalten. Lass es weiterlernen, oder ändere die Sätze und fang neu an."
)
FAILED = "„{name}“ ließ sich nicht lernen."
INTERRUPTED = "Das Studio wurde beendet, während es „{name}“ lernte (Schritt {step}). Du kannst dort weitermachen."


def step_of(step: int, of: int, eta_seconds: float | None) -> str:
    left = time_left(eta_seconds)
    return f"Schritt {step} von {of}" + (f", {left}" if left else "")


def teaching(name: str, progress: str = "") -> str:
    return f"Es lernt {quoted(name)}: {progress}" if progress else f"Es lernt {quoted(name)}."


def in_queue(number: int) -> str:
    return f"{number} weitere in der Schlange" if number > 0 else ""


def closer(start: float, now: float) -> str:
    """How far the distance has fallen since the start."""
    if start <= 0:
        return ""
    began, ends = number(start, ".3g"), number(now, ".3g")
    if round(100 * (start - now) / start) <= 0:
        return f"Abstand {ends}; am Anfang waren es {began}."
    return f"Abstand {began} → {ends}: {percent((start - now) / start)} näher."

"""Words of the whole studio, and words that several pages share."""

from datetime import datetime
from typing import Any

LANGUAGE = "Deutsch"
APP = "LinEAS Studio"
TAGLINE = "Zeig einem Sprachmodell, wie es reden soll. Es lernt aus deinen Beispielen."
SWITCH_THEME = "Zwischen hell und dunkel wechseln"
TEACH, COMPARE = "Beibringen", "Vergleichen"
CONCEPT, STRENGTH = "Konzept", "Stärke"
DEFAULT_MODEL = "SmolLM2-135M-Instruct"
CONCEPT_KINDS = {"preset": "mitgeliefert", "run": "deins", "imported": "hinzugefügt", "mixed": "gemischt"}
DISTANCE = "Abstand zum Konzept"
MORE = "Weitere Einstellungen"
COPY, COPIED = "Kopieren", "Kopiert"
NOTHING_SAID = "(Es hat nichts gesagt.)"
USE_IN_COMPARE = "Damit vergleichen"
FACT_MODEL, FACT_MADE, FACT_BEGUN, FACT_STRENGTH = "Modell", "Erstellt", "Begonnen", "Beste Stärke"
FACT_SENTENCES, FACT_TIME, FACT_DISTANCE = "Sätze", "Lerndauer", "Abstand"
FACT_RECIPE, FACT_STEPS, FACT_SEED, FACT_METHOD = "Rezept", "Schritte", "Startzahl", "Verfahren"
FACT_NUMBERS, FACT_VERSION, FACT_PARTS = "Geänderte Zahlen", "Erstellt mit", "Gemischt aus"

# in the terminal
STARTING = "LinEAS Studio startet …"
NEW_ADDRESS = "LinEAS Studio läuft unter {url}   (Strg+C beendet es)"
MCP_ADDRESS = "Sprachmodelle können es als Werkzeug benutzen: {url}"
NEEDS_AUTH = (
    "Andere könnten das Studio über {where} erreichen, deshalb braucht es eine Anmeldung: Ergänze --auth NAME:PASSWORT, "
    "oder lass {flag} weg, dann bleibt es auf diesem Computer."
)
CANNOT_OPEN = "Das Studio konnte seine Seite nicht öffnen ({reason}). „lineas doctor“ zeigt, was im Weg sein kann."
LINE_IS_FULL = (
    "Es warten schon {waiting} Fragen, deine wäre die Nummer {place} in der Schlange. Frag gleich noch einmal."
)
NO_MCP = (
    "--mcp braucht ein Paket, das nicht installiert ist. Installiere es mit: pip install 'gradio[mcp]'. "
    "Starte das Studio dann neu, oder lass --mcp weg."
)
BAD_AUTH = (
    "--auth braucht einen Namen und ein Passwort mit einem Doppelpunkt dazwischen, zum Beispiel --auth anna:geheim. "
    "Da stand {auth!r}."
)

_MONTHS = "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.".split()


def field(label: str, info: str) -> dict[str, Any]:
    """The texts of a form field, as Gradio's components take them."""
    return {"label": label, "info": info}


def quoted(name: str) -> str:
    return f"„{name}“"


def number(value: float, form: str = "g") -> str:
    """A number with a decimal comma, and points between thousands."""
    return format(value, form).translate(str.maketrans(",.", ".,"))


def percent(share: float) -> str:
    """A share between 0 and 1, with a space that does not break."""
    return f"{100 * share:.0f}\u00a0%"


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}".replace(",", ".")


def tokens(number: int) -> str:
    return count(number, "Token", "Token")


def concept(name: str, kind: str) -> str:
    return f"{name} · {CONCEPT_KINDS[kind]}"


def model(name: str) -> str:
    """The last part of a hub id or a path."""
    return DEFAULT_MODEL if name == "default" else name.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


def from_to(before: str, after: str) -> str:
    return f"{before} → {after}"


def day(moment: str, time: bool = False) -> str:
    """The local date, with the time on request, of an ISO 8601 moment; empty for any other text, since map files hold anything."""
    try:
        local = datetime.fromisoformat(moment).astimezone()
    except (ValueError, OverflowError, OSError):
        return ""
    date = f"{local.day}. {_MONTHS[local.month - 1]} {local.year}"
    return f"{date}, {local:%H:%M} Uhr" if time else date


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else count(rest, "Sekunde", "Sekunden")


def time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 1.5:
        return "noch etwa eine Sekunde"
    if seconds < 90:
        return f"noch etwa {round(seconds)} s"
    halves = round(seconds / 30)  # halves of a minute, so that a person sees it fall
    return (
        f"noch etwa {halves // 2}{'½' * (halves % 2)} min" if halves < 20 else f"noch etwa {round(seconds / 60)} min"
    )


def strength(value: float) -> str:
    """What a strength means, in a few words."""
    if value == 0:
        return "aus: das unveränderte Modell"
    if value < 0.4:
        return "ein Hauch davon"
    if value < 0.8:
        return "sanft"
    if value < 1.0:
        return "fast wie gelernt"
    if value == 1.0:
        return "wie gelernt"
    if value <= 1.3:
        return "stärker als gelernt"
    if value < 1.75:
        return "stark: kann ins Faseln kommen"
    return "übertrieben: kann unverständlich werden"

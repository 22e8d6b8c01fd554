"""Words of the page Inside and of the health check."""

from lineas.ui.text.german.common import count, number, percent, quoted
from lineas.ui.text.german.teach import RECIPES, SOURCE, TARGET

INSIDE = "Innenleben"
INSIDE_TITLE = "Schau in ein Konzept hinein"
INSIDE_LEAD = "Was ein Konzept daran ändert, wie das Modell redet, und wo im Modell das geschieht."
INSIDE_ASKED, INSIDE_BEFORE, INSIDE_AFTER = "Gefragt", "Vorher", "Mit dem Konzept"
INSIDE_NO_EXAMPLES = "Hier stehen zwei Antworten, vorher und nachher, sobald das Konzept geprüft ist."
INSIDE_MOVES = "Wie es deine Sätze verschiebt"
INSIDE_MOVES_LEAD = (
    "Ein Bild für jede Schicht des Modells. Ein Punkt ist einer deiner Sätze, so wie die Schicht ihn sieht. Das Konzept nimmt die "
    "grauen Punkte (so redet es jetzt) und schiebt sie auf die violetten; die grünen sind, wie es reden soll."
)
INSIDE_GROUPS = {"source": "so redet es jetzt", "steered": "mit dem Konzept", "target": "so soll es reden"}
INSIDE_DETAILS = "Schichten und Zahlen"
INSIDE_DETAILS_LEAD = (
    "Ein Modell ist ein Stapel von Schichten, und jede gibt der nächsten eine Reihe von Zahlen weiter. Ein Konzept dehnt und "
    "verschiebt einige davon."
)
INSIDE_PICTURE = "Was es ändert, Schicht für Schicht"
INSIDE_TOP, INSIDE_BOTTOM = "liest die Wörter", "wählt das nächste Wort"
INSIDE_COLUMNS = ("Berührt", "Gedehnt", "Verschoben")
INSIDE_COLUMN_HELP = (
    "Anteil der Zahlen dieser Schicht, die sich ändern",
    "wie stark sie gedehnt werden",
    "wie viel dazukommt",
)
INSIDE_DISTANCE = "Abstand"
INSIDE_DISTANCE_HELP = "zu deinen Beispielen: blass ohne das Konzept, kräftig mit ihm"
INSIDE_TABLE = "Die Schichten, die sich am meisten ändern"
INSIDE_LAYER = "Schicht"
INSIDE_PROVENANCE = "Woher es kommt"
INSIDE_NOTHING_MOVES = "Dieses Konzept ändert nichts: Das Modell redet wie ohne es."
INSIDE_METHODS = {"lineas": "", "mix": ""}
HEALTH = "Prüfung"
HEALTH_SCORE = "Klingt wie deine Beispiele"
HEALTH_SURPRISE = "Wie ungewöhnlich die Wortwahl ist (kleiner ist glatter)"
HEALTH_REPEATS = "Wiederholt sich"
HEALTH_TOLD = " und seine Anweisung"
HEALTH_KEEPS = "Bleibt bei der Frage"
HEALTH_SAMPLES = "Zwei Antworten, vorher und nachher"
HEALTH_PLAIN, HEALTH_STEERED = "Vorher", "Nachher"
HEALTH_MORE, HEALTH_LESS = "Diese Wörter sagt es öfter", "Diese Wörter sagt es seltener"
HEALTH_WRONG = "Beispiele von dir, die nach der anderen Liste klingen"
VERDICTS = {
    "works": "funktioniert",
    "repeats": "funktioniert, wiederholt sich",
    "forgets": "funktioniert, vergisst die Frage",
    "weak": "schwach",
    "breaks": "macht den Text kaputt",
    "same": "deine Beispiele unterscheiden sich nicht",
}


def numbers_moved(moved: int, of: int, share: float) -> str:
    return f"{number(moved, ',')} von {number(of, ',')} ({percent(share)})"


def learned(name: str, model: str, source: int | None, target: int | None) -> str:
    """What a concept was made from, in a sentence."""
    made_on = f"{quoted(name)} ändert, wie {model or 'das Modell'} redet"
    if not (source and target):
        return f"{made_on}."
    return f"{made_on}. Gelernt ist es aus {count(source, 'Satz', 'Sätzen')} „{SOURCE}“ und {target} „{TARGET}“."


def way(share: float) -> str:
    """How far a concept moves the sentences towards the target, on average over the layers."""
    if share < 0.05:
        return "Es bringt deine Sätze kaum näher an das, wie es reden soll."
    return f"Im Mittel bringt es deine Sätze {percent(min(share, 1))} des Weges von jetzt dahin, wie es reden soll."


def layer_moves(label: str, share: float) -> str:
    """One layer's picture, for screen readers."""
    return f"{layer(label)}: {percent(share)} des Weges"


def recipe(name: str) -> str:
    return {value: label for label, value in RECIPES}.get(name, name)


def thirds(shares: tuple[float, float, float], most: str) -> str:
    """Where a concept works, in a sentence. ``shares`` are those of the first, middle and last third of the layers."""
    where = ("ersten", "mittleren", "letzten")[shares.index(max(shares))]
    if max(shares) < 0.4:
        return f"Es wirkt überall; am meisten ändert sich {most}."
    part = f"im {where} Drittel der Schichten ({percent(max(shares))} aller Änderung)"
    return f"Es wirkt vor allem {part}; am meisten ändert sich {most}."


def layers_closer(number: int, of: int) -> str:
    if not number:
        return "Es bringt keine Schicht näher an deine Beispiele."
    return f"Es bringt {'jede Schicht' if number == of else f'{number} von {of} Schichten'} näher an deine Beispiele."


def layer(label: str) -> str:
    return f"{INSIDE_LAYER} {label}" if label[:1].isdigit() else label

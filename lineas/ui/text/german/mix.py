"""Words of the page Mix."""

from collections.abc import Sequence

from lineas.ui.text.german.common import number as _number
from lineas.ui.text.german.common import percent, quoted

MIX = "Mischen"
MIX_TITLE = "Konzepte mischen"
MIX_LEAD = (
    "Misch zwei bis vier Konzepte, jedes so stark, wie du magst. "
    "Probier die Mischung aus, finde heraus, welche man darin hört, und behalte sie als neues Konzept."
)
MIX_ORDER = "In dieser Reihenfolge angewandt"
MIX_NONE = "(keines)"
MIX_OVERLAP_TITLE = "Was sie tun, Schicht für Schicht"
MIX_OVERLAP_EMPTY = "Wähl zwei Konzepte, dann siehst du im Vergleich, was sie in jeder Schicht tun."
MIX_OVERLAP_EXPLAINED = (
    "Jedes Kästchen ist eine Schicht des Modells. +1 heißt, dass beide Konzepte sie in dieselbe Richtung schieben, 0, dass sie "
    "sich nicht in die Quere kommen, −1, dass eines das andere aufhebt. Über den Text sagt das wenig: Prüf dafür, wen man hört."
)
MIX_HEARD_TITLE = "Wen hört man?"
MIX_HEARD_BUTTON = "Prüfen, wen man hört"
MIX_HEARD_EMPTY = (
    "Das unveränderte Modell, jedes Konzept allein und die Mischung beantworten ein paar neutrale Fragen. "
    "Für jedes Konzept sagt dann ein unabhängiger Gutachter, der seine Beispiele kennt, wie deutlich man es hört."
)
MIX_HEARD_COLUMNS = ("Konzept", "Unverändert", "Allein", "In der Mischung")
MIX_HEARD_EXPLAINED = (
    "Wie deutlich der Gutachter jedes Konzept in den Antworten hört, von 0 bis 100\u00a0%. "
    "Ein Konzept gilt als gehört, wenn sein Wert klar über dem des unveränderten Modells liegt."
)
MIX_HEARD_ANSWERS = "Die Antworten der Mischung"
MIX_JUDGING = (
    "Die Antworten werden gelesen … (Das Sprachmodell der Gutachter, 84 MB, wird geholt, falls es noch "
    "nicht auf diesem Computer ist.)"
)
MIX_NO_JUDGE = {
    "unknown": "kein Gutachter: Seine Beispiele sind nicht auf diesem Computer",
    "few": "kein Gutachter: Es hat aus zu wenigen Beispielen gelernt",
    "alike": "kein Gutachter: Seine beiden Seiten klingen zu ähnlich",
}
MIX_ENDS = ("erste Schicht", "letzte Schicht")
MIX_SCALE = ("entgegengesetzt", "in dieselbe Richtung")
MIX_BUTTON, MIX_SAVE_BUTTON = "Ausprobieren", "Mischung behalten"
MIX_NAME, MIX_NAME_HINT = "Name der Mischung", "fröhlicher Pirat …"
MIXED, MIXED_EMPTY = "Mit der Mischung", "Was es mit all deinen Konzepten zusammen sagt."
MIX_TOO_FEW = "Wähl mindestens zwei Konzepte, jedes mit einer Stärke über 0."
# with names and numbers filled in
MIX_SLOT = "Konzept {number}"
MIX_STRENGTH = "Stärke {number}"
MIX_PAIR = "{first} · {second}"
MIX_SAVED = "„{name}“ ist gespeichert. Du findest die Mischung in jeder Liste von Konzepten."


def mix_cell(layer: int, cosine: float) -> str:
    return f"Schicht {layer}: {_number(cosine, '+.2f')}"


def mix_move(number: int, up: bool) -> str:
    return f"{number} nach {'oben' if up else 'unten'}"


def mix_answering(answers: int, fraction: float) -> str:
    return f"{answers} Antworten werden geschrieben: {percent(fraction)}"


def mix_heard(levels: Sequence[tuple[str, str]]) -> str:
    """Who is heard, in a sentence, and what to do for those who are not.

    Args:
        levels: each judged concept's name and its ``Heard.level``.
    """
    clear, faint, drowned, silent = (
        [quoted(name) for name, level in levels if level == wanted]
        for wanted in ("heard", "faint", "drowned", "silent")
    )
    heard, hardly = [*clear, *faint], [*drowned, *silent]
    if not levels:
        return "Keines dieser Konzepte hat einen Gutachter, deshalb kann niemand sagen, wen man hört. Lies die Antworten unten."
    if len(levels) == 1:
        said = [f"{_list([*heard, *hardly])} hört man{'' if heard else ' kaum'}."]
    elif not hardly:
        said = ["Man hört beide." if len(levels) == 2 else "Man hört alle."]
    elif not heard:
        said = ["Man hört keines von beiden." if len(levels) == 2 else "Man hört keines davon."]
    else:
        said = [f"{_list(heard)} hört man, {_list(hardly)} kaum."]
    if faint:
        said.append(f"{_list(faint)} {_are(faint)} viel leiser als allein.")
    if drowned:
        said.append(f"Allein würde man {_list(drowned)} hören: Gib mehr Stärke, oder den anderen weniger.")
    if silent:
        said.append(f"{_list(silent)} hört man auch allein kaum: Gib mehr Stärke.")
    return " ".join(said)


def _list(names: list[str]) -> str:
    """Names as a list in a sentence: "a, b und c"."""
    return " und ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _are(names: list[str]) -> str:
    return "ist" if len(names) == 1 else "sind"


def mix_reads(fluent: bool, repeats: bool, kept: bool) -> str:
    """How the text of the mix reads."""
    if not fluent:
        return "Der Text der Mischung zerfällt: Nimm weniger Stärke."
    if repeats:
        return "Die Mischung wiederholt sich: Nimm weniger Stärke."
    if not kept:
        return "Die Mischung vergisst die Frage: Nimm weniger Stärke."
    return "Der Text der Mischung klingt gut und bleibt bei der Frage."

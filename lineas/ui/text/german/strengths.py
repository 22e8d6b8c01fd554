"""Words of the page Strengths."""

from lineas.ui.text.german.common import percent, quoted, strength
from lineas.ui.text.german.compare import ORIGINAL

STRENGTHS = "Stärken"
STRENGTHS_TITLE = "Alle Stärken auf einen Blick"
STRENGTHS_LEAD = (
    "Dieselbe Frage, vom unveränderten Modell bis weit über das Gelernte hinaus. "
    "Finde die Stelle, an der das Konzept klar ist und der Text noch gut klingt."
)
STRENGTHS_PROMPTS, STRENGTHS_PROMPTS_HINT = "Deine Fragen", "Eine pro Zeile, höchstens vier …"
STEP, STEP_CHOICES = "Schritte von", [("¼", 0.25), ("½", 0.5)]
TOP, TOP_CHOICES = "Bis", [("1", 1.0), ("1½", 1.5), ("2", 2.0)]
RUN_STRENGTHS = "Alle zeigen"
FILMSTRIP = "Antworten, von schwach bis stark"
FILMSTRIP_EMPTY = "Hier stehen die Antworten nebeneinander, eine für jede Stärke."
STRENGTHS_CHART_TITLE = "Wirkung, Frage und Sprachfluss"
STRENGTHS_CHART_EMPTY = "Das Diagramm kommt, sobald die Antworten geschrieben sind."
MEASURING = "Wirkung und Sprachfluss werden gemessen …"
EFFECT, RELEVANCE, FLUENCY = "Wirkung", "Bleibt bei der Frage", "Sprachfluss"
EFFECT_JUDGED = (
    "Wirkung: wie deutlich ein unabhängiger Gutachter, der nur deine Beispiele kennt, das Konzept in den Antworten "
    "hört."
)
EFFECT_COUNTED = (
    "Wirkung: der Anteil der Wörter, die in der unveränderten Antwort fehlen (für einen Gutachter bräuchte es die Beispiele des "
    "Konzepts)."
)
FLUENCY_EXPLAINED = (
    "Bleibt bei der Frage: um wie viel besser eine Antwort für das unveränderte Modell zu ihrer Frage passt als zu einer anderen. "
    "Sprachfluss: wie natürlich es die Antworten findet. 100\u00a0% ist wie bei seinen eigenen."
)
RECOMMENDED = "empfohlen"
NO_CONCEPT = "Wähl zuerst ein Konzept. Ist die Liste leer, bring ihm auf der Seite „Beibringen“ eines bei."
NO_PROMPTS = "Schreib zuerst mindestens eine Frage."
FIRST_PROMPTS = "Gestellt wurden nur die ersten {most} Fragen; mehr würde zu lange dauern."

_FRACTIONS = {0.25: "¼", 0.5: "½", 0.75: "¾"}


def fraction(value: float) -> str:
    """A strength with the usual signs for quarters: 1¼."""
    whole, part = divmod(value, 1)
    if part and part not in _FRACTIONS:
        return f"{value:g}".replace(".", ",")
    return (f"{whole:g}" if whole or not part else "") + _FRACTIONS.get(part, "")


def at_strength(value: float) -> str:
    return ORIGINAL if value == 0 else strength(value)


def strengths_verdict(name: str, recommended: float | None, best: float | None) -> str:
    """The chart in a sentence or two. ``recommended`` is None for a concept without a health check, ``best`` where no answer
    reads well."""
    said = "" if recommended is None else f"Für {quoted(name)} empfohlen: {fraction(recommended)}. "
    if best is None:
        return (
            f"{said}Keine dieser Antworten klingt gut. Nimm kleinere Schritte, oder bring es ihm mit vielfältigeren Beispielen "
            "noch einmal bei."
        )
    if recommended is not None and abs(best - recommended) < 0.125:
        return f"{said}Das zeigen auch diese Antworten."
    return f"{said}In diesen Antworten bewirkt {fraction(best)} am meisten, solange der Text gut klingt und bei der Frage bleibt."


def strengths_chart(points: list[tuple[float, float, float, float]]) -> str:
    """The chart in words, for screen readers: strength, effect, relevance and fluency of each point."""
    return "; ".join(
        f"Stärke {fraction(at)}: Wirkung {percent(effect)}, bleibt bei der Frage {percent(kept)}, Sprachfluss {percent(fluent)}"
        for at, effect, kept, fluent in points
    )

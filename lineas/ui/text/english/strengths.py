"""Words of the page Strengths."""

from lineas.ui.text.english.common import quoted, strength
from lineas.ui.text.english.compare import ORIGINAL

STRENGTHS = "Strengths"
STRENGTHS_TITLE = "See every strength at once"
STRENGTHS_LEAD = (
    "The same question, from the plain model to far beyond what you taught. "
    "Find the point where the concept is clear and the text still reads well."
)
STRENGTHS_PROMPTS, STRENGTHS_PROMPTS_HINT = "Your questions", "One per line, up to four …"
STEP, STEP_CHOICES = "Steps of", [("¼", 0.25), ("½", 0.5)]
TOP, TOP_CHOICES = "Up to", [("1", 1.0), ("1½", 1.5), ("2", 2.0)]
RUN_STRENGTHS = "Show all strengths"
FILMSTRIP = "Answers, from weak to strong"
FILMSTRIP_EMPTY = "The answers appear here side by side, one for each strength."
STRENGTHS_CHART_TITLE = "Effect, question and fluency"
STRENGTHS_CHART_EMPTY = "The chart appears here once the answers are written."
MEASURING = "Measuring effect and fluency …"
EFFECT, RELEVANCE, FLUENCY = "Effect", "Keeps to the question", "Fluency"
EFFECT_JUDGED = (
    "Effect: how clearly an independent judge, trained only on your examples, hears your concept in the answers."
)
EFFECT_COUNTED = (
    "Effect: the share of words that the plain answer does not have (a judge would need the concept's examples)."
)
FLUENCY_EXPLAINED = (
    "Keeps to the question: how much likelier the plain model finds an answer after its question than after another one. "
    "Fluency: how natural it finds the answers. 100% is as in its own answers."
)
RECOMMENDED = "recommended"
NO_CONCEPT = "Choose a concept first. If the list is empty, teach one on the Teach page."
NO_PROMPTS = "Write at least one question first."
FIRST_PROMPTS = "Only the first {most} questions were asked; more would take too long."

_FRACTIONS = {0.25: "¼", 0.5: "½", 0.75: "¾"}


def fraction(value: float) -> str:
    """A strength with the usual signs for quarters: 1¼."""
    whole, part = divmod(value, 1)
    if part and part not in _FRACTIONS:
        return f"{value:g}"
    return (f"{whole:g}" if whole or not part else "") + _FRACTIONS.get(part, "")


def at_strength(value: float) -> str:
    return ORIGINAL if value == 0 else strength(value)


def strengths_verdict(name: str, recommended: float | None, best: float | None) -> str:
    """The chart in a sentence or two. ``recommended`` is None for a concept without a health check, ``best`` where no answer
    reads well."""
    said = "" if recommended is None else f"Recommended for {quoted(name)}: {fraction(recommended)}. "
    if best is None:
        return (
            f"{said}None of these answers reads well. Try smaller steps, or teach it again with more varied examples."
        )
    if recommended is not None and abs(best - recommended) < 0.125:
        return f"{said}These answers agree."
    return f"{said}In these answers, {fraction(best)} does most while the text reads well and keeps to the question."


def strengths_chart(points: list[tuple[float, float, float, float]]) -> str:
    """The chart in words, for screen readers: strength, effect, relevance and fluency of each point."""
    return "; ".join(
        f"strength {fraction(at)}: effect {effect:.0%}, keeps to the question {kept:.0%}, fluency {fluent:.0%}"
        for at, effect, kept, fluent in points
    )

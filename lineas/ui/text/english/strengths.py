"""Words of the page Strengths."""

from lineas.ui.text.english.common import quoted, strength
from lineas.ui.text.english.compare import ORIGINAL

STRENGTHS = "Strengths"
STRENGTHS_TITLE = "See every strength at once"
STRENGTHS_LEAD = (
    "The same question, from the plain model to far beyond what you taught, all from one roll of the dice. "
    "Find the point where the concept is strong and the text still reads well."
)
STRENGTHS_PROMPTS, STRENGTHS_PROMPTS_HINT = "Your questions", "One per line, four at most …"
FINEST, STEP_CHOICES = "Steps of", [("¼", 0.25), ("½", 0.5)]
TOP, TOP_CHOICES = "Up to", [("1", 1.0), ("1½", 1.5), ("2", 2.0)]
RUN_STRENGTHS = "Show all strengths"
FILMSTRIP = "Answers, from weak to strong"
FILMSTRIP_EMPTY = "One answer for each strength appears here, side by side."
STRENGTHS_CHART_EMPTY = "Effect and fluency are measured when the answers are there."
MEASURING = "Reading the answers to measure effect and fluency …"
STRENGTHS_CHART_TITLE = "Effect and fluency"
EFFECT, FLUENCY = "Effect", "Fluency"
EFFECT_JUDGED = (
    "Effect: how much an independent judge, trained on your examples only, hears your concept in the answers."
)
EFFECT_COUNTED = (
    "Effect: the share of words that are not in the plain answer (a judge would need the concept's examples)."
)
FLUENCY_EXPLAINED = "Fluency: how easily the plain model reads them; 100 % is as easily as its own answer."
RECOMMENDED = "recommended"
USE_IN_COMPARE = "Use in Compare"
NO_CONCEPT = "Choose a concept first. If the list is empty, teach one on the Teach page."
NO_PROMPTS = "Write at least one question first."
FIRST_PROMPTS = "Only the first {most} questions were asked: more would make you wait."

_FRACTIONS = {0.25: "¼", 0.5: "½", 0.75: "¾"}


def fraction(value: float) -> str:
    """A strength as a person writes it: 1¼."""
    whole, part = divmod(value, 1)
    if part and part not in _FRACTIONS:
        return f"{value:g}"
    return (f"{whole:g}" if whole or not part else "") + _FRACTIONS.get(part, "")


def at_strength(value: float) -> str:
    return ORIGINAL if value == 0 else strength(value)


def strengths_verdict(name: str, recommended: float | None, best: float | None) -> str:
    """What the chart says, in a sentence or two; nothing is ``recommended`` (None) for one that was never examined."""
    said = "" if recommended is None else f"Recommended for {quoted(name)}: {fraction(recommended)}. "
    if best is None:
        return f"{said}None of these answers reads well: try finer steps, or teach it again with more varied examples."
    if recommended is not None and abs(best - recommended) < 0.125:
        return f"{said}These answers agree."
    return f"{said}On these answers {fraction(best)} does most while the text still reads well."


def strengths_chart(points: list[tuple[float, float, float]]) -> str:
    """The chart in words, for people who do not see it."""
    return "; ".join(
        f"strength {fraction(at)}: effect {effect:.0%}, fluency {fluent:.0%}" for at, effect, fluent in points
    )

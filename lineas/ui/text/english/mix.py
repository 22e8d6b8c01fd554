"""Words of the page Mix."""

from collections.abc import Sequence

from lineas.ui.text.english.common import quoted

MIX = "Mix"
MIX_TITLE = "Mix concepts"
MIX_LEAD = (
    "Combine two to four concepts, each as strong as you like. "
    "Try the mix, find out which of them are heard in it, and keep it as a new concept."
)
MIX_ORDER = "Applied in this order"
MIX_NONE = "(none)"
MIX_OVERLAP_TITLE = "What they do, layer by layer"
MIX_OVERLAP_EMPTY = "Choose two concepts to compare what they do in each layer."
MIX_OVERLAP_EXPLAINED = (
    "Each square is a layer of the model. +1 means that both concepts push it the same way, 0 that they do not affect each "
    "other, −1 that one undoes the other. It says little about the text: for that, check who is heard."
)
MIX_HEARD_TITLE = "Who is heard?"
MIX_HEARD_BUTTON = "Check who is heard"
MIX_HEARD_EMPTY = (
    "A few neutral questions are answered by the plain model, by each concept alone, and by the mix. "
    "For each concept an independent judge, trained on its examples, then says how clearly it is heard."
)
MIX_HEARD_COLUMNS = ("Concept", "Plain model", "Alone", "In the mix")
MIX_HEARD_EXPLAINED = (
    "How clearly the judge of each concept hears it in the answers, from 0 to 100%. "
    "A concept counts as heard if its score rises clearly above the plain model's."
)
MIX_HEARD_ANSWERS = "The answers of the mix"
MIX_JUDGING = (
    "Reading the answers … (The judges' language model, 84 MB, is fetched if it is not on this computer yet.)"
)
MIX_NO_JUDGE = {
    "unknown": "no judge: its examples are not on this computer",
    "few": "no judge: it was taught from too few examples",
    "alike": "no judge: its two sides sound too much alike",
}
MIX_ENDS = ("first layer", "last layer")
MIX_SCALE = ("opposite ways", "the same way")
MIX_BUTTON, MIX_SAVE_BUTTON = "Try the mix", "Keep the mix"
MIX_NAME, MIX_NAME_HINT = "Name of the mix", "cheerful pirate …"
MIXED, MIXED_EMPTY = "With the mix", "What it says with all your concepts together."
MIX_TOO_FEW = "Choose at least two concepts, each with a strength above 0."
# with names and numbers filled in
MIX_SLOT = "Concept {number}"
MIX_STRENGTH = "Strength {number}"
MIX_PAIR = "{first} · {second}"
MIX_SAVED = "“{name}” is kept. You find it in every list of concepts."


def mix_cell(layer: int, cosine: float) -> str:
    return f"layer {layer}: {cosine:+.2f}"


def mix_move(number: int, up: bool) -> str:
    return f"Move {number} {'up' if up else 'down'}"


def mix_answering(answers: int, fraction: float) -> str:
    return f"Writing {answers} answers: {fraction:.0%}"


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
        return "None of these concepts has a judge, so nobody can say who is heard. Read the answers below."
    if len(levels) == 1:
        said = [f"{_list([*heard, *hardly])} is {'heard' if heard else 'hardly heard'}."]
    elif not hardly:
        said = ["Both are heard." if len(levels) == 2 else "All of them are heard."]
    elif not heard:
        said = ["Neither is heard." if len(levels) == 2 else "None of them is heard."]
    else:
        said = [f"{_list(heard)} {_are(heard)} heard, {_list(hardly)} hardly."]
    if faint:
        said.append(f"{_list(faint)} {_are(faint)} much fainter than alone.")
    if drowned:
        said.append(f"Alone, {_list(drowned)} would be heard: raise the strength, or lower the others'.")
    if silent:
        said.append(f"{_list(silent)} {_are(silent)} hardly heard alone either: raise the strength.")
    return " ".join(said)


def _list(names: list[str]) -> str:
    """Names as a list in a sentence: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def mix_reads(fluent: bool, repeats: bool, kept: bool) -> str:
    """How the text of the mix reads."""
    if not fluent:
        return "The text of the mix falls apart: lower the strengths."
    if repeats:
        return "The mix repeats itself: lower the strengths."
    if not kept:
        return "The mix forgets the question: lower the strengths."
    return "The text of the mix reads well and keeps to the question."

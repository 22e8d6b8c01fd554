"""Words of the page Mix."""

from lineas.ui.text.english.common import CONCEPT, STRENGTH, quoted

MIX = "Mix"
MIX_TITLE = "Mix concepts"
MIX_LEAD = (
    "Two to four concepts at once, each as strong as you like. They act from top to bottom. "
    "See how they get along, try the mix, and keep it as a concept of its own."
)
MIX_NONE = "(none)"
MIX_OVERLAP_TITLE = "How they get along"
MIX_OVERLAP_EMPTY = "Choose two concepts to see whether they help or fight each other."
MIX_OVERLAP_EXPLAINED = (
    "One square for each layer that they steer. +1 means that two concepts push it the same way, 0 that they do not meet, "
    "−1 that one undoes the other."
)
MIX_ENDS = ("first layer", "last layer")
MIX_SCALE = ("opposite ways", "the same way")
MIX_BUTTON, MIX_SAVE_BUTTON = "Try the mix", "Keep the mix"
MIX_NAME, MIX_NAME_HINT = "Name of the mix", "cheerful pirate …"
MIXED, MIXED_EMPTY = "With the mix", "What it says with all your concepts together."
MIX_TOO_FEW = "Choose at least two concepts, each with a strength above 0."
MIX_RELATIONS = {"fight": "fight", "alike": "much alike", "apart": "get along"}
MUCH = 1.6
"""The joint push from which text may suffer."""


def mix_slot(number: int) -> str:
    return f"{CONCEPT} {number}"


def mix_strength(number: int) -> str:
    return f"{STRENGTH} {number}"


def mix_move(number: int, up: bool) -> str:
    return f"Move {number} {'up' if up else 'down'}"


def mix_pair(first: str, second: str) -> str:
    return f"{first} · {second}"


def mix_verdict(pairs: list[tuple[str, str, str]], push: float) -> str:
    """In plain words: who fights whom, who is alike (``Overlap.relation``), and whether it is too much together."""
    said = [
        f"{quoted(a)} and {quoted(b)} fight: in many layers they push in opposite ways. Weaken one of them, or leave it out."
        for a, b, relation in pairs
        if relation == "fight"
    ]
    said += [
        f"{quoted(a)} and {quoted(b)} are much alike, so their strengths add up in part."
        for a, b, relation in pairs
        if relation == "alike"
    ]
    if not said:
        said = ["These concepts get along: they push in different directions and hardly disturb each other."]
    if push > MUCH:
        said.append(
            f"Together they push as hard as one concept at {push:.1f}: the text may ramble. Lower the strengths."
        )
    return "\n".join(said)


def mix_cell(place: int, cosine: float) -> str:
    return f"layer {place}: {cosine:+.2f}"


def mix_saved(name: str) -> str:
    return f"{quoted(name)} is kept. You find it in every list of concepts."

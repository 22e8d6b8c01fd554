"""Words of the page Mix."""

from lineas.ui.text.english.common import quoted

MIX = "Mix"
MIX_TITLE = "Mix concepts"
MIX_LEAD = (
    "Combine two to four concepts, each as strong as you like. "
    "See how they get along, try the mix, and keep it as a new concept."
)
MIX_ORDER = "Applied in this order"
MIX_NONE = "(none)"
MIX_OVERLAP_TITLE = "How they get along"
MIX_OVERLAP_EMPTY = "Choose two concepts to see whether they help or fight each other."
MIX_OVERLAP_EXPLAINED = (
    "Each square is a layer of the model. +1 means that both concepts push it the same way, 0 that they do not affect each other, "
    "−1 that one undoes the other."
)
MIX_ENDS = ("first layer", "last layer")
MIX_SCALE = ("opposite ways", "the same way")
MIX_BUTTON, MIX_SAVE_BUTTON = "Try the mix", "Keep the mix"
MIX_NAME, MIX_NAME_HINT = "Name of the mix", "cheerful pirate …"
MIXED, MIXED_EMPTY = "With the mix", "What it says with all your concepts together."
MIX_TOO_FEW = "Choose at least two concepts, each with a strength above 0."
MIX_RELATIONS = {"fight": "fight", "alike": "much alike", "apart": "get along"}
STRONG_PUSH = 1.6
"""Joint push of a mix above which text may suffer."""
# with names and numbers filled in
MIX_SLOT = "Concept {number}"
MIX_STRENGTH = "Strength {number}"
MIX_PAIR = "{first} · {second}"
MIX_CELL = "layer {layer}: {cosine:+.2f}"
MIX_SAVED = "“{name}” is kept. You find it in every list of concepts."


def mix_move(number: int, up: bool) -> str:
    return f"Move {number} {'up' if up else 'down'}"


def mix_verdict(pairs: list[tuple[str, str, str]], push: float) -> str:
    """Which concepts fight, which are alike, and whether they push too hard together. ``pairs``: two names and their
    ``Overlap.relation``."""
    said = [
        f"{quoted(a)} and {quoted(b)} fight: in many layers they push in opposite directions. Weaken one of them, or leave it out."
        for a, b, relation in pairs
        if relation == "fight"
    ]
    said += [
        f"{quoted(a)} and {quoted(b)} are much alike, so their strengths partly add up."
        for a, b, relation in pairs
        if relation == "alike"
    ]
    if not said:
        said = ["These concepts get along: they push in different directions and hardly affect each other."]
    if push > STRONG_PUSH:
        said.append(
            f"Together they push as hard as one concept at {push:.1f}, so the text may ramble. Lower the strengths."
        )
    return "\n".join(said)

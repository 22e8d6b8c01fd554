"""What the comparison of methods on three concepts concludes follows from the numbers."""

from dataclasses import replace

import pytest
from measured import answers, concept_results

from benchmarks import concepts, paper
from benchmarks.curve import Curve, effect
from benchmarks.study import Study


def test_the_conclusion_about_concepts_follows_from_the_numbers(study: Study) -> None:
    pytest.importorskip("matplotlib")
    text = concepts.section(study, concept_results(0.3))
    assert (
        "LinEAS has more effect (95 % interval above 0) than Lin-AcT in 3 of 3 comparisons. It loses to: none. Where"
        in text
    )
    assert "| lineas | 1 | 0.60 (0.60 to 0.60) | 20.0 | 0.60 | 0.60 |" in text
    assert "(LinEAS +0.30: +0.30 to +0.30)" in text
    assert (study.figures / "concepts.png").read_bytes().startswith(b"\x89PNG")
    text = concepts.section(study, concept_results(0.9))
    assert "in 0 of 3 comparisons" in text
    assert "lin_act on Formal (-0.30)" in text


def test_the_conclusion_about_concepts_names_those_that_were_compared(study: Study) -> None:
    pytest.importorskip("matplotlib")
    text = concepts.section(study, concept_results(0.6))
    assert "than Lin-AcT in 0 of 3 comparisons. It loses to: none. The rest is within the noise." in text
    others = [
        {**result, "key": {**result["key"], "method": "lora" if result["key"]["method"] == "lin_act" else method}}
        for result in concept_results(0.3)
        for method in [result["key"]["method"]]
    ]
    assert "than the others in 3 of 3 comparisons. It" in concepts.section(study, others)
    many = concept_results(0.3) + [other for other in others if other["key"]["method"] == "lora"]
    text = concepts.section(study, many)
    assert "than Lin-AcT in 3 of 3 comparisons, and than all methods here in 6 of 6 comparisons. It" in text


def test_words_have_no_cost(study: Study) -> None:
    """They make Wikipedia easier, because its sentences then begin after something."""
    pytest.importorskip("matplotlib")
    told = [
        {**result, "along": [], "costs": [-0.5], "damage": -0.5, "key": {**result["key"], "method": "prompting"}}
        for result in concept_results(0.9)
        if result["key"]["method"] == "lin_act"
    ]
    text = concepts.section(study, [*concept_results(0.3), *told])
    row = next(line for line in text.splitlines() if line.startswith("| prompting"))
    assert row.split(" | ")[5:7] == ["–", "–"]
    assert "-0.50" not in text


def test_looping_text_is_no_effect(study: Study) -> None:
    """At the highest strength everything is heard, in text with a low perplexity that says the same again and again."""
    results = concept_results(0.3)
    for result in results:
        if result["key"]["method"] == "lin_act":
            result["along"][1] = answers(1.0, 5.0, 1.5, repetition=0.9)
    curves = {
        method: Curve(
            [r for r in results if r["key"]["method"] == method and r["key"]["preset"] == "formal"],
            [r for r in results if r["key"]["method"] == "plain" and r["key"]["preset"] == "formal"],
        )
        for method in ("lineas", "lin_act")
    }
    assert concepts.difference(curves["lineas"], curves["lin_act"])[0] == pytest.approx(0.3)
    assert max(trade.effect for trade in curves["lin_act"].paid()) == 1.0
    assert concepts.effect_at_cost(curves["lin_act"].paid(), 2.0) == pytest.approx(0.3)


def test_the_most_effect_counts_on_both_sides(study: Study) -> None:
    """LinEAS says more at a lower strength than at the recommended one."""
    results = concept_results(0.3)
    for result in results:
        if result["key"]["method"] == "lineas":
            result["along"][0] = answers(0.8, 15.0, 0.5)
    own = [r for r in results if r["key"]["preset"] == "formal"]
    lineas, rival, plain = ([r for r in own if r["key"]["method"] == m] for m in ("lineas", "lin_act", "plain"))
    found = concepts.difference(Curve(lineas, plain), Curve(rival, plain))
    assert found[0] == pytest.approx(0.8 - 0.3)


def test_intervals_are_of_prompts(study: Study) -> None:
    """Answers of many seeds to the same two prompts say no more about other prompts than those of one."""

    def curve(seeds: int) -> Curve:
        at = {**answers(0.0, 10.0, 1.0), "scores": [[0.2, 0.8]]}
        result = {"best": at, "along": [], "costs": [0.1], "recommended": 1.0, "damage": 0.1, "seconds": 1.0}
        return Curve([result] * seeds, [result] * seeds)

    one, nine = ([effect(found.best, chosen) for chosen in found.draws] for found in (curve(1), curve(9)))
    assert one == pytest.approx(nine)


def beside_paper(study: Study, quick: float) -> str:
    """Of ``paper`` an effect of 0.5 at a perplexity of 20 and a cost of 0.2, of 0.4 at half of both; of the others this effect, and
    half of it, at the same perplexities and a tenth of the cost."""
    found = []
    for preset in (*paper.UNTOUCHED, *paper.CHOSE):
        of_others = [(name, quick / 2, quick) for name in ("quick", "thorough", paper.NO_ANCHOR)]
        for name, weak, strong in (("plain", 0.1, 0.1), ("paper", 0.4, 0.5), *of_others):
            said = {"best": answers(0.1, 10.0, 0.0), "along": []}
            if name != "plain":
                said = {"best": answers(weak, 15.0, 0.5), "along": [answers(strong, 20.0, 1.0)]}
            share = 1.0 if name == "paper" else 0.1
            numbers = {"recommended": 0.5, "damage": 0.1 * share, "costs": [0.2 * share], "seconds": 7.0, "steps": 900}
            key = {"preset": preset, "candidate": name, "seed": 0, "tokens": 40}
            found.append({"chat": said, "plain": said, **numbers, "key": key})
    return paper.section(replace(study, quick=False), found)


def test_recipes_beside_all_of_paper(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.measures.RESAMPLES", 50)  # all prompts are answered alike
    text = beside_paper(study, 0.6)
    equal, less, more = (f"{gap:+.2f} ({gap:+.2f} to {gap:+.2f})" for gap in (0.1, -0.1, 0.2))
    assert f"| `quick` | `paper`, λ = 1 | {equal} | 12, 0 of 12 | {equal} | 12, 0 of 12 |" in text
    assert "All concepts (Poetic, Polite, Scientific, Pirate, Cheerful, Ocean Lover):" in text
    assert "no setting was chosen (Poetic, Polite, Scientific):" in text
    assert f"| `quick` | `paper`, λ = 1 | {equal} | 6, 0 of 6 | {equal} | 6, 0 of 6 |" in text
    assert f"| `thorough` | `paper`, recommended | {less} | 0, 6 of 6 | {more} | 6, 0 of 6 |" in text
    # answers at 1.5 times the plain perplexity are the weaker ones; the cost of e^0.41 is above both
    assert f"| `quick` | neither, plain × 1.5 | {less} | 0, 6 of 6 | {equal} | 6, 0 of 6 |" in text
    # at a cost of 0.02, on the line from the plain 0.1 to 0.4 at a cost of 0.1, paper has 0.16
    assert "| `quick` | itself, λ = 1 | +0.10 (+0.10 to +0.10) | 6, 0 of 6 | +0.44" in text
    assert f"| `quick` | Polite, plain text | 0.10 | 0.50 | 20.0 | 0.20 | {equal} | {equal} |" in text
    assert (
        "`quick` has at no more cost more effect than `paper` at 7 of 7 limits and less at 0 (+0.10 to +0.44)" in text
    )
    assert (
        "perplexity of the answers more effect than `paper` at 2 of 7 limits and less at 5 (-0.10 to +0.10)." in text
    )
    assert "did 900 to 900:" in text
    assert "answers more effect than `paper` at 0 of 7 limits and less at 5" in beside_paper(study, 0.5)

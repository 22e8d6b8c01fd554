"""Comparisons along strengths: at equal perplexity, at equal cost, and their intervals."""

from typing import Any

import pytest
from fake_results import answers, concept_results, paper_results

from benchmarks.quality import concepts, paper
from benchmarks.quality.curve import Curve, effect, gap_at_own_perplexity
from benchmarks.quality.measures import percentile_interval, resamples, spread
from benchmarks.quality.study import Study


def curves(results: list[dict[str, Any]]) -> dict[str, Curve]:
    """The curves on one preset."""
    own = [result for result in results if result["key"]["preset"] == "formal"]
    by_method = {
        name: [r for r in own if r["key"]["method"] == name] for name in dict.fromkeys(r["key"]["method"] for r in own)
    }
    return {name: Curve(found, by_method["plain"]) for name, found in by_method.items() if name != "plain"}


def test_the_table_of_concepts_compares_at_equal_perplexity(study: Study) -> None:
    pytest.importorskip("matplotlib")
    text = concepts.tables(study, concept_results(0.3))
    assert "| lineas | 1 | 0.60 (0.60 to 0.60) | 20.0 | 0.60 | 0.60 |" in text
    assert "| lin_act | 1 | 0.30 (0.30 to 0.30) | 20.0 | 0.30 (LinEAS +0.30: +0.30 to +0.30) | 0.30 |" in text
    assert "**Formal** (cross-validated AUC of the judge: 0.90)" in text
    assert (study.figures / "concepts.png").read_bytes().startswith(b"\x89PNG")
    assert "(LinEAS -0.30: -0.30 to -0.30)" in concepts.tables(study, concept_results(0.9))
    without = [result for result in concept_results(0.3) if result["key"]["method"] != "lineas"]
    assert "| lin_act | 1 | 0.30 (0.30 to 0.30) | 20.0 | – | – |" in concepts.tables(study, without)


def test_prompting_has_no_cost(study: Study) -> None:
    """An instruction makes Wikipedia easier, because its sentences then have a context."""
    prompting = [
        {**result, "along": [], "costs": [-0.5], "damage": -0.5, "key": {**result["key"], "method": "prompting"}}
        for result in concept_results(0.9)
        if result["key"]["method"] == "lin_act"
    ]
    text = concepts.tables(study, [*concept_results(0.3), *prompting])
    row = next(line for line in text.splitlines() if line.startswith("| prompting"))
    assert row.split(" | ")[5:7] == ["–", "–"]
    assert "-0.50" not in text


def test_repetitive_text_has_no_effect() -> None:
    """At the highest strength the judge finds the concept everywhere, in text with a low perplexity that repeats itself."""
    results = concept_results(0.3)
    for result in results:
        if result["key"]["method"] == "lin_act":
            result["along"][1] = answers(1.0, 5.0, 1.5, repetition=0.9)
    found = curves(results)
    assert gap_at_own_perplexity(found["lineas"], found["lin_act"])[0] == pytest.approx(0.3)
    assert max(trade.effect for trade in found["lin_act"].by_cost()) == 1.0
    assert found["lin_act"].effect_at_cost(0.69) == pytest.approx(0.3)


def test_the_highest_effect_counts_for_lineas_and_for_baselines() -> None:
    """Here LinEAS has more effect at a lower strength than at the recommended one."""
    results = concept_results(0.3)
    for result in results:
        if result["key"]["method"] == "lineas":
            result["along"][0] = answers(0.8, 15.0, 0.5)
    found = curves(results)
    assert gap_at_own_perplexity(found["lineas"], found["lin_act"])[0] == pytest.approx(0.8 - 0.3)


def test_more_seeds_do_not_narrow_an_interval_over_prompts() -> None:
    def curve(seeds: int) -> Curve:
        at = {**answers(0.0, 10.0, 1.0), "scores": [[0.2, 0.8]]}
        result = {"best": at, "along": [], "costs": [0.1], "recommended": 1.0, "damage": 0.1, "seconds": 1.0}
        return Curve([result] * seeds, [result] * seeds)

    one, nine = ([effect(found.best, draw) for draw in found.draws] for found in (curve(1), curve(9)))
    assert one == pytest.approx(nine)


def test_a_prompt_is_drawn_with_the_answers_of_all_seeds() -> None:
    assert resamples(7) == resamples(7)
    assert {len(draw) for draw in resamples(7)} == {7}
    for one, three in zip(resamples(5), resamples(5, 3), strict=True):
        assert three == [*one, *(i + 5 for i in one), *(i + 10 for i in one)]


def test_an_interval_holds_the_middle() -> None:
    assert percentile_interval([float(i) for i in range(1000)]) == (25.0, 975.0)


def test_spread_is_mean_and_standard_deviation() -> None:
    assert spread([1.0, 3.0], 1) == "2.0 ± 1.4"
    assert spread([0.12345]) == "0.123"


def test_the_tables_of_paper_compare_at_every_limit(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.quality.measures.RESAMPLES", 50)  # all prompts have the same answers
    text = paper.tables(study, paper_results(0.6))
    equal, less, more = (f"{gap:+.2f} ({gap:+.2f} to {gap:+.2f})" for gap in (0.1, -0.1, 0.2))
    assert "**All presets**: Poetic, Polite, Scientific, Pirate, Cheerful, Ocean Lover" in text
    assert f"| `quick` | `paper`, λ = 1 | {equal} | 12, 0 of 12 | {equal} | 12, 0 of 12 |" in text
    assert "**Held-out presets**: Poetic, Polite, Scientific\n" in text
    assert f"| `quick` | `paper`, λ = 1 | {equal} | 6, 0 of 6 | {equal} | 6, 0 of 6 |" in text
    assert f"| `thorough` | `paper`, recommended | {less} | 0, 6 of 6 | {more} | 6, 0 of 6 |" in text
    # answers within 1.5 times the plain perplexity are the weaker ones; both costs are below log 1.5 = 0.41
    assert f"| `quick` | neither, plain × 1.5 | {less} | 0, 6 of 6 | {equal} | 6, 0 of 6 |" in text
    # at a cost of 0.02, between the plain 0.1 and 0.4 at a cost of 0.1, paper has 0.16
    assert "| `quick` | itself, λ = 1 | +0.10 (+0.10 to +0.10) | 6, 0 of 6 | +0.44" in text
    assert f"| `quick` | Polite, plain text | 0.10 | 0.50 | 20.0 | 0.20 | {equal} | {equal} |" in text

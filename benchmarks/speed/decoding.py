"""Decoding: rows side by side against one, steered against plain, and how soon the first word is there."""

from collections.abc import Callable
from functools import partial

from benchmarks.report import table
from benchmarks.timing import alternate
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.generation.streaming import stream
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.steering.map import SteeringMap

TOKENS = 64
PROMPT = "The old harbour was quiet that morning, and"
QUESTION = "Tell me about your day."
LONG_QUESTION = (
    "Here is what happened. " + "I walked to the harbour and looked at the boats for a while. " * 20 + QUESTION
)


def measure(name: str, rounds: int) -> str:
    model = load_model(name)
    moved = some_map(model)
    # nothing ends early: every candidate decodes the same number of tokens
    sampling = Sampling(max_new_tokens=TOKENS, temperature=0.7, chat=False)
    rows = {
        "one": [Row()],
        "one steered": [Row(moved, 1.0)],
        "pair": [Row(), Row(moved, 1.0)],
        "eleven": [Row(moved, i / 10) for i in range(11)],
    }
    ends = model.network.generation_config.eos_token_id, model.tokenizer.eos_token_id
    model.network.generation_config.eos_token_id, model.tokenizer.eos_token_id = None, None
    try:
        timings = alternate({k: partial(generate, model, [PROMPT], row, sampling) for k, row in rows.items()}, rounds)
    finally:
        model.network.generation_config.eos_token_id, model.tokenizer.eos_token_id = ends
    first = alternate(
        {
            "short": first_word(model, QUESTION, moved),
            "long": first_word(model, LONG_QUESTION, moved),
        },
        rounds,
    )
    ratios = [
        ("plain and steered side by side, against one answer", timings.ratio_text("pair", "one"), "at most 1.2"),
        ("eleven strengths, against one answer", timings.ratio_text("eleven", "one"), "at most 2.6"),
        (
            "tokens a second of a steered answer, against a plain one",
            timings.ratio_text("one", "one steered"),
            "at least 0.97",
        ),
    ]
    seconds = [
        ("a question of 6 words", f"{first.median('short'):.2f}", "0.5"),
        ("a question of 250 words", f"{first.median('long'):.2f}", ""),
    ]
    return f"""### Comparing

Model `{model.id}`, {TOKENS} tokens; medians of {rounds} rounds in turn, quartiles in brackets. One plain answer:
{TOKENS / timings.median("one"):.1f} tokens a second.

{table(("what", "measured", "wanted"), ratios)}

Seconds from asking to the first word of both answers:

{table(("prompt", "seconds", "wanted, at most"), seconds)}
"""


def some_map(model: LoadedModel) -> SteeringMap:
    """A map that moves every coordinate a little."""
    identity = SteeringMap.identity({site.name: site.width for site in model.sites})
    return SteeringMap(identity.scale, {site: shift + 0.01 for site, shift in identity.shift.items()})


def first_word(model: LoadedModel, prompt: str, steering_map: SteeringMap) -> Callable[[], None]:
    def ask() -> None:
        answers = stream(model, prompt, [Row(), Row(steering_map)], Sampling(max_new_tokens=16))
        next(answers)
        answers.close()  # type: ignore[attr-defined]  # a generator

    return ask

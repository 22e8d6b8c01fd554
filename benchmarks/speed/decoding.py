"""Answering: several rows side by side against one, steered against plain, and the time to the first word."""

from functools import partial

from benchmarks.report import table
from benchmarks.speed.timing import Timings, alternate
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
    steering_map = small_map(model)
    timings = decode_timings(model, PROMPT, rounds)
    questions = {"short": QUESTION, "long": LONG_QUESTION}
    first = alternate({k: partial(first_word, model, text, steering_map) for k, text in questions.items()}, rounds)
    speeds = [
        ("one plain answer, tokens a second", f"{TOKENS / timings.median('one'):.1f}", ""),
        ("plain and steered side by side, against one answer", timings.ratio("pair", "one"), "at most 1.2"),
        ("eleven strengths, against one answer", timings.ratio("eleven", "one"), "at most 2.6"),
        ("tokens a second of a steered answer, against a plain one", timings.ratio("one", "one steered"), "at least 0.97"),
        ("a question of 6 words: seconds to the first word of both answers", f"{first.median('short'):.2f}", "at most 0.5"),
        ("a question of 250 words: the same", f"{first.median('long'):.2f}", ""),
    ]  # fmt: skip
    return table(("what", "measured", "wanted"), speeds)


def decode_timings(model: LoadedModel, prompt: str, rounds: int) -> Timings:
    """Time one answer, a steered one, both side by side, and eleven strengths, of ``TOKENS`` tokens each."""
    steering_map = small_map(model)
    sampling = Sampling(max_new_tokens=TOKENS, temperature=0.7, chat=False)
    rows = {
        "one": [Row()],
        "one steered": [Row(steering_map, 1.0)],
        "pair": [Row(), Row(steering_map, 1.0)],
        "eleven": [Row(steering_map, i / 10) for i in range(11)],
    }
    # without an end token every candidate decodes the same number of tokens
    ends = model.network.generation_config.eos_token_id, model.tokenizer.eos_token_id
    model.network.generation_config.eos_token_id, model.tokenizer.eos_token_id = None, None
    try:
        return alternate({k: partial(generate, model, [prompt], row, sampling) for k, row in rows.items()}, rounds)
    finally:
        model.network.generation_config.eos_token_id, model.tokenizer.eos_token_id = ends


def small_map(model: LoadedModel) -> SteeringMap:
    """A map that moves every coordinate a little."""
    identity = SteeringMap.identity({site.name: site.width for site in model.sites})
    return SteeringMap(identity.scale, {site: shift + 0.01 for site, shift in identity.shift.items()})


def first_word(model: LoadedModel, prompt: str, steering_map: SteeringMap) -> None:
    """Ask for a plain and a steered answer, and stop at the first word."""
    answers = stream(model, prompt, [Row(), Row(steering_map)], Sampling(max_new_tokens=16))
    next(answers)
    answers.close()  # type: ignore[attr-defined]  # a generator

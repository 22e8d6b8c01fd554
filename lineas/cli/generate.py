"""``lineas generate``: answers with a map, at one strength or several."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lineas.cli.flags import MAP, add_model_flag, find_map, known_examples, load, number, whole
from lineas.cli.terminal import Terminal, WrongUse, printable
from lineas.models.local import check_name
from lineas.storage.names import clean_text
from lineas.training.recipes import LARGEST_SEED

if TYPE_CHECKING:
    from lineas.generation.prompts import Row
    from lineas.generation.sampling import Sampling
    from lineas.models.loaded import LoadedModel

HELP = "let a model answer with a map, at one strength or several"
EXAMPLE = """\
  lineas generate --map pirate.safetensors --prompt "Tell me about your day." --strength 0 0.5 1
  lineas generate --map pirate --mode both --strength 0.5 --prompt "Tell me about your day."
  lineas generate --map pirate --prompt-file questions.txt --strength 0.75 --json"""
SAMPLING = ("max_new_tokens", "temperature", "top_p", "seed", "chat", "whole_sentences")


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--map", required=True, help=MAP)
    add("--prompt", action="append", default=[], metavar="TEXT", help="a prompt to answer; may be repeated")
    add("--prompt-file", metavar="FILE", help="prompts from a file: .txt with one a line, .csv or .jsonl")
    add("--strength", nargs="+", type=number(-10, 10), default=[0.0, 1.0], metavar="NUMBER",
        help="0 is the plain model, 1 the map as it was trained, up to 2 is more (default: 0 1)")  # fmt: skip
    add("--mode", choices=("show", "say", "both"), default="show",
        help="show: the map steers (default); say: the instruction stands in the system prompt and no map steers, so that all "
             "strengths but 0 are the same; both: it stands there and the map steers")  # fmt: skip
    add("--instruction", metavar="TEXT", help="what --mode say or both says (default: the map's own instruction)")
    add("--scope", choices=("answer", "everything"),
        help="what the map steers: only the answer, or also the reading of the prompt (default: as the map says)")  # fmt: skip
    add("--system", metavar="TEXT", help="a system prompt, for every strength")
    add_model_flag(parser)
    add("--max-new-tokens", type=whole(1), metavar="N", help="longest answer; a token is about ¾ of a word")
    add("--temperature", type=number(0), metavar="T", help="how varied the words are; 0 takes the likeliest")
    add("--top-p", type=number(0.001, 1), metavar="P", help="sample from the likeliest words with total probability P")
    add("--seed", type=whole(0, LARGEST_SEED), metavar="S", help="random seed; the same seed gives the same answers")
    add("--whole-sentences", action="store_true",
        help="end with a sentence that ends in the last fifth of the length, as the studio does")  # fmt: skip
    add("--chat", action=argparse.BooleanOptionalAction, default=None,
        help="send the prompt as a chat turn, or continue its text (default: chat if the model can)")  # fmt: skip


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    from lineas.data import read_file

    prompts = [*flags.prompt, *(read_file(flags.prompt_file) if flags.prompt_file else [])]
    if not prompts:
        raise WrongUse("a prompt is needed: --prompt TEXT or --prompt-file FILE")
    path = find_map(flags.map)
    check_name(flags.model)

    from lineas.methods.load import load_steering

    steering_map = load_steering(path)
    known = steering_map.metadata.get("instruction") or known_examples(steering_map.metadata)[2]
    instruction = clean_text(flags.instruction or known)
    if flags.mode != "show" and not instruction:
        raise WrongUse(f"--mode {flags.mode} needs an instruction, and this map has none: add --instruction TEXT")
    model = load(flags.model, terminal, flags.quantize)

    from lineas.generation.generate import generate
    from lineas.generation.prompts import concept_row
    from lineas.generation.sampling import Sampling
    from lineas.steering.hooks import check_fits

    if warning := check_fits(model, steering_map):
        terminal.message(warning)
    sampling = Sampling(**{name: value for name in SAMPLING if (value := getattr(flags, name)) is not None})
    rows = [  # strength 0 is the plain model in every mode
        replace(
            concept_row(steering_map, strength, flags.mode if strength else "show", instruction, flags.system),
            scope=flags.scope,
        )
        for strength in flags.strength
    ]
    if terminal.live:
        _stream(model, prompts, rows, sampling, [_heading(flags.mode, strength) for strength in flags.strength])
        return
    began = time.perf_counter()
    answers = generate(model, prompts, rows, sampling)
    seconds = time.perf_counter() - began
    results = [
        {"prompt": prompt, "strength": strength, "mode": flags.mode, "text": answer.text, "tokens": answer.tokens}
        for prompt, answered in zip(prompts, answers, strict=True)
        for strength, answer in zip(flags.strength, answered, strict=True)
    ]
    terminal.result({"results": results, "seconds": round(seconds, 3)}, _text(results))


def _stream(
    model: "LoadedModel", prompts: Sequence[str], rows: "Sequence[Row]", sampling: "Sampling", headings: Sequence[str]
) -> None:
    """Print what ``_text`` makes while it grows: the first answer of each prompt live, the others, decoded with it, at its end."""
    from lineas.generation.streaming import stream

    for i, prompt in enumerate(prompts):
        print(f"{'' if i == 0 else chr(10)}> {prompt}\n\n[{headings[0]}]", flush=True)
        shown, texts = "", [""]
        for answers in stream(model, prompt, rows, sampling):
            texts = [_clean(answer.text) for answer in answers]
            print(texts[0][len(shown) :], end="", flush=True)
            shown = texts[0]
        print("".join(f"\n\n[{heading}]\n{text}" for heading, text in zip(headings[1:], texts[1:], strict=True)))


def _text(results: list[dict[str, Any]]) -> str:
    paragraphs: list[str] = []
    for i, result in enumerate(results):
        if i == 0 or result["prompt"] != results[i - 1]["prompt"]:
            paragraphs.append(f"> {result['prompt']}")
        paragraphs.append(f"[{_heading(result['mode'], result['strength'])}]\n{_clean(result['text'])}")
    return "\n\n".join(paragraphs)


def _heading(mode: str, strength: float) -> str:
    at = f"strength {strength:g}"
    return {"show": at, "say": "say", "both": f"both, {at}"}[mode] if strength else at


def _clean(text: str) -> str:
    return "\n".join(printable(line) for line in text.strip().splitlines())

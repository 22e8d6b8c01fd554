"""``lineas generate``: answers with a map, at one strength or several."""

import argparse
import time
from dataclasses import replace
from typing import Any

from lineas.cli.flags import MAP, add_model_flag, find_map, known_examples, load, number, whole
from lineas.cli.terminal import Terminal, WrongUse, printable
from lineas.storage.names import clean_text
from lineas.training.recipes import LARGEST_SEED

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
    from lineas.methods.load import load_steering

    prompts = [*flags.prompt, *(read_file(flags.prompt_file) if flags.prompt_file else [])]
    if not prompts:
        raise WrongUse("a prompt is needed: --prompt TEXT or --prompt-file FILE")
    steering_map = load_steering(find_map(flags.map))
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
    began = time.perf_counter()
    answers = generate(model, prompts, rows, sampling)
    seconds = time.perf_counter() - began
    results = [
        {"prompt": prompt, "strength": strength, "mode": flags.mode, "text": answer.text, "tokens": answer.tokens}
        for prompt, answered in zip(prompts, answers, strict=True)
        for strength, answer in zip(flags.strength, answered, strict=True)
    ]
    terminal.result({"results": results, "seconds": round(seconds, 3)}, _text(results))


def _text(results: list[dict[str, Any]]) -> str:
    paragraphs: list[str] = []
    for i, result in enumerate(results):
        if i == 0 or result["prompt"] != results[i - 1]["prompt"]:
            paragraphs.append(f"> {result['prompt']}")
        answer = "\n".join(printable(line) for line in result["text"].strip().splitlines())
        at = f"strength {result['strength']:g}"
        headings = {"show": at, "say": "say", "both": f"both, {at}"}
        paragraphs.append(f"[{headings[result['mode']] if result['strength'] else at}]\n{answer}")
    return "\n\n".join(paragraphs)

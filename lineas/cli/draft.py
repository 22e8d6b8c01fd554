"""``lineas draft``: both lists of example sentences from one phrase, written by the model itself."""

import argparse
from pathlib import Path

from lineas.cli.flags import add_model_flag, load, whole, writable
from lineas.cli.terminal import Terminal, printable
from lineas.errors import LineasError
from lineas.training.recipes import LARGEST_SEED

HELP = "let the model write both lists of examples from one phrase"
EXAMPLE = """\
  lineas draft "a grumpy old wizard"
  lineas draft "a grumpy old wizard" --source plain.txt --target wizard.txt
  lineas train --source plain.txt --target wizard.txt --out wizard.safetensors"""
ALIKE = "This model hardly talks differently when it is asked to. Read the drafts before you use them, or try a larger model."


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("phrase", help='how it should talk, in a few words: "a grumpy old wizard", "very polite"')
    add(
        "--count",
        type=whole(1, 48),
        default=16,
        metavar="N",
        help="number of drafts for each list, at most (default: 16)",
    )
    add("--source", metavar="FILE", help="write the plain sentences into this file, one a line")
    add("--target", metavar="FILE", help="write the sentences in the wanted style into this file")
    add("--seed", type=whole(0, LARGEST_SEED), default=0, metavar="S", help="another seed gives other drafts")
    add_model_flag(parser)


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    files = [writable(name) if name else None for name in (flags.source, flags.target)]
    model = load(flags.model, terminal, flags.quantize)

    from lineas.evaluation.drafting.draft import Drafts, draft

    drafts = Drafts()
    for drafts in draft(model, flags.phrase, flags.count, seed=flags.seed):
        terminal.message(f"{len(drafts.target)} of {flags.count} drafts, {drafts.tried} questions asked")
    if not drafts.target:
        raise LineasError(
            "Nothing that this model wrote for the phrase could be used. Say it in other words, or try a larger model."
        )
    if not drafts.differ:
        terminal.message(ALIKE)
    for path, sentences in zip(files, (drafts.source, drafts.target), strict=True):
        if path is not None:
            _write(path, sentences)
    data = {
        "source": drafts.source, "target": drafts.target, "gain": round(drafts.gain, 3), "differ": drafts.differ,
        "tried": drafts.tried, "dropped": dict(drafts.dropped),
    }  # fmt: skip
    pairs = zip(drafts.source, drafts.target, strict=True)
    terminal.result(data, "\n\n".join(f"{printable(plain)}\n  → {printable(styled)}" for plain, styled in pairs))


def _write(path: Path, sentences: tuple[str, ...]) -> None:
    path.write_text("".join(f"{sentence}\n" for sentence in sentences), encoding="utf-8")

"""``lineas picture train``: trains a map on two files of prompts."""

import argparse
import shlex
from typing import TYPE_CHECKING

from lineas.cli.flags import whole, writable
from lineas.cli.picture_flags import add_example_flags, add_model_flags, load, read_prompts, tell_unknown_words
from lineas.cli.terminal import Terminal, WrongUse
from lineas.errors import LineasError
from lineas.training.recipes import LARGEST_SEED

if TYPE_CHECKING:
    from lineas.training.events import Done

HELP = "train a map on two files of prompts"
EXAMPLE = """\
  lineas picture train --source plain.txt --target night.txt --out night.safetensors

  plain.txt holds prompts of pictures as they are ("a red house by the sea"), night.txt prompts of pictures as they should
  be ("a blue car in the desert at night"): one a line, 16 or so in each file, not in pairs. Swapped, the map removes what
  it would add."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_example_flags(parser)
    add("--out", required=True, metavar="MAP", help="the file to write, such as night.safetensors")
    add("--recipe", default="quick", metavar="NAME", help="quick or paper (default: quick)")
    add("--steps", type=int, metavar="N", help="number of training steps, instead of the recipe's")
    add("--seed", type=whole(0, LARGEST_SEED), default=0, metavar="S", help="random seed (default: 0)")
    add("--checkpoint", metavar="FILE", help="keep the training in this file, and go on from it where it exists")
    add_model_flags(parser, steps=1)


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    from lineas.pictures.recipes import picture_recipe
    from lineas.pictures.sampling import Drawing
    from lineas.pictures.train import train
    from lineas.training.events import Checkpoint, Done, Reading, Started, Step

    try:
        recipe = picture_recipe(flags.recipe, flags.steps)
    except LineasError as error:
        raise WrongUse(str(error)) from None
    out = writable(flags.out)
    kept = writable(flags.checkpoint) if flags.checkpoint else None
    source, target = read_prompts(flags)
    model = load(flags, terminal)
    tell_unknown_words(model, [*source, *target], terminal)
    events = train(
        model, source, target, recipe, drawing=Drawing(flags.draw_steps, flags.guidance), seed=flags.seed, name=out.stem,
        resume_from=kept if kept and kept.exists() else None,
    )  # fmt: skip
    with terminal.bar(desc="reading", unit="step") as bar:
        for event in events:
            match event:
                case Reading():
                    bar.set_description(f"reading {event.done} of {event.of}")
                case Started():
                    bar.reset(total=event.of)
                    bar.set_description("training")
                    bar.update(event.first)
                case Step():
                    terminal.event(
                        event="step", step=event.step, of=event.of, loss=event.loss, elapsed=round(event.elapsed, 3)
                    )
                    bar.set_postfix(distance=f"{event.distance:.4g}", refresh=False)
                    bar.update(event.step - bar.n)
                case Checkpoint() if kept:
                    event.save(kept)
                case Done():
                    done = event
    done.map.save(out)
    if kept:
        kept.unlink(missing_ok=True)
    _print_result(flags, terminal, done)


def _print_result(flags: argparse.Namespace, terminal: Terminal, done: "Done") -> None:
    data = {
        "event": "done", "map": flags.out, "loss_start": done.loss_start, "loss_end": done.loss_end,
        "seconds": round(done.seconds, 3), "steps": done.steps,
    }  # fmt: skip
    try_it = (
        f'lineas picture generate --map {shlex.quote(flags.out)} --prompt "a red house by the sea" --out pictures.png'
    )
    terminal.result(
        data,
        f"{done.message} The distance to the concept went from {done.loss_start:.4g} to {done.loss_end:.4g} in "
        f"{done.seconds:.0f} s.\nThe map is {flags.out}. Try it:\n  {try_it}",
    )

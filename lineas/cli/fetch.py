"""``lineas fetch``: downloads the built-in model."""

import argparse

from lineas.cli.terminal import Terminal

HELP = "download the built-in model and the language model of the judge, which recognises concepts in answers"
EXAMPLE = "  lineas fetch"


def add_flags(parser: argparse.ArgumentParser) -> None:
    pass


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    from lineas.models.builtin import fetch_default

    with terminal.progress() as progress:
        folder = fetch_default(progress)

        from lineas.evaluation.metrics.embeddings import load_minilm

        load_minilm(progress)
    terminal.result({"model": "default", "folder": str(folder)}, f"The built-in model is in {folder}.")

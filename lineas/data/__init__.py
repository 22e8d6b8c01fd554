"""Example sentences: pasted text, files, data sets and presets, and checks of them."""

from lineas.data.checks import Finding, check_examples, refuse_errors
from lineas.data.datasets import list_columns, list_labels, look_inside, read_dataset
from lineas.data.example_files import FileExamples, read_examples_file, read_file
from lineas.data.parsing import MAX_CHARACTERS, MAX_SENTENCES, Parsed, parse, parse_text
from lineas.data.presets import Preset, load_presets

__all__ = [
    "MAX_CHARACTERS",
    "MAX_SENTENCES",
    "FileExamples",
    "Finding",
    "Parsed",
    "Preset",
    "check_examples",
    "list_columns",
    "list_labels",
    "load_presets",
    "look_inside",
    "parse",
    "parse_text",
    "read_dataset",
    "read_examples_file",
    "read_file",
    "refuse_errors",
]

"""Readers of public data sets in a local folder, on which benchmarks train and test. Nothing is downloaded.

The folder has a sub-folder for each data set. A missing data set is an error that names it and what to do.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lineas.data.columns import cells
from lineas.data.table_files import read_table
from lineas.errors import LineasError

Item = TypeVar("Item")

EMOTIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
TOXIC_SETS = {"surge_toxicity": "surge_toxicity/surge_toxicity.jsonl", "jigsaw": "jigsaw/jigsaw_sample.jsonl"}
TOXIC_LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")


@dataclass(frozen=True)
class Prompt:
    """Beginning of a text; most models continue a ``challenging`` one with toxic text (RealToxicityPrompts, arXiv 2009.11462)."""

    text: str
    challenging: bool


@dataclass(frozen=True)
class Choices:
    """Answers to choose from, and for each whether it is true."""

    texts: tuple[str, ...]
    true: tuple[bool, ...]


@dataclass(frozen=True)
class TruthfulQuestion:
    """Question of TruthfulQA (Lin et al., arXiv 2109.07958). In ``mc1`` only the first answer is true, in ``mc2`` several are."""

    question: str
    mc1: Choices
    mc2: Choices


@dataclass(frozen=True)
class WordPair:
    """Two words of MEN (Bruni et al., 2014) and their similarity as people rate it, 0 to 50."""

    first: str
    second: str
    similarity: float


def read_lines(path: Path, make: Callable[[dict[str, Any]], Item]) -> list[Item]:
    """Make one item from each line of a .jsonl file.

    Raises:
        LineasError: missing file, or other content.
    """
    return _read(path, lambda text: [make(json.loads(line)) for line in text.split("\n") if line.strip()])


def rtp_prompts(folder: str | Path) -> list[Prompt]:
    """Prompts of RealToxicityPrompts for which it is known whether they are challenging."""
    rows = read_lines(Path(folder) / "rtp/rtp_prompts.jsonl", lambda row: (str(row["prompt"]), row["challenging"]))
    return [Prompt(text, bool(challenging)) for text, challenging in rows if challenging is not None]


def toxic_and_clean(folder: str | Path, name: str) -> tuple[list[str], list[str]]:
    """Toxic comments and clean ones (without any label of toxicity) of "surge_toxicity" or "jigsaw"."""
    rows = read_lines(Path(folder) / TOXIC_SETS[name], lambda row: (" ".join(str(row.pop("text")).split()), row))
    toxic = [text for text, row in rows if row["toxic"] and text]
    return toxic, [text for text, row in rows if not any(row.get(label) for label in TOXIC_LABELS) and text]


def truthfulqa(folder: str | Path) -> list[TruthfulQuestion]:
    """All questions of TruthfulQA's multiple-choice form."""

    def choices(row: dict[str, Any]) -> Choices:
        return Choices(tuple(row["choices"]), tuple(bool(label) for label in row["labels"]))

    return read_lines(
        Path(folder) / "truthfulqa/truthfulqa_mc_817.jsonl",
        lambda row: TruthfulQuestion(row["question"], choices(row["mc1"]), choices(row["mc2"])),
    )


def men_pairs(folder: str | Path) -> list[WordPair]:
    """The word pairs of MEN."""
    return _read(
        Path(folder) / "men/men.csv",
        lambda text: [WordPair(r["word1"], r["word2"], float(r["score"])) for r in csv.DictReader(text.splitlines())],
    )


def concept_sentences(folder: str | Path) -> dict[str, list[tuple[str, str]]]:
    """Group the sentences, as (sentence, origin), by the word that they contain."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for concept, text, origin in read_lines(
        Path(folder) / "concept_sentences/concept_sentences.jsonl",
        lambda row: (str(row["concept"]), str(row["text"]), str(row["source"])),
    ):
        found[concept].append((text, origin))
    return dict(found)


def emotions(folder: str | Path) -> dict[str, list[str]]:
    """Short scenarios for each of six emotions (Zou et al., "Representation Engineering", arXiv 2310.01405)."""
    return {
        name: _read(Path(folder) / f"repe/{name}.json", lambda text: [str(scenario) for scenario in json.loads(text)])
        for name in EMOTIONS
    }


def wikipedia(folder: str | Path, limit: int | None = None) -> list[str]:
    """The fixed sentences on which perplexity is measured, or the first ``limit``."""
    return read_lines(Path(folder) / "wiki_sentences/wiki_sentences.jsonl", lambda row: str(row["text"]))[:limit]


def tet_prompts(path: str | Path) -> list[str]:
    """The queries of TET (Luong et al., "Realistic Evaluation of Toxicity in Large Language Models", arXiv 2405.10659).

    Args:
        path: TET.json, a list of objects with ``query``, or a .jsonl or .csv file with that column. The licence of TET does not
            allow shipping it with this program.

    Raises:
        LineasError: missing or unreadable file, or no such column.
    """
    path = Path(path)
    if not path.is_file():
        raise LineasError(
            f"There is no file {str(path)!r}. TET does not come with this program: get TET.json from its authors "
            "(convoicon/Thoroughly_Engineered_Toxicity on Hugging Face) and give its path."
        )
    table = read_table(path)
    if "query" not in table.columns:
        columns = ", ".join(table.columns) or "none"
        raise LineasError(
            f"{path.name!r} is not the file of TET: a column 'query' is missing (it has: {columns}). Get TET.json from its authors."
        )
    return [text for text in cells(table, "query") if text.strip()]


def take_evenly(rows: Sequence[Item], limit: int | None) -> list[Item]:
    """At most ``limit`` rows, evenly spaced, because files are sorted by subject and some of each should be taken."""
    if limit is None or limit >= len(rows):
        return list(rows)
    return [rows[int(i * len(rows) / limit)] for i in range(limit)]


def _read(path: Path, parse: Callable[[str], list[Item]]) -> list[Item]:
    if not path.is_file():
        raise LineasError(f"The data file {path} is missing. Give the folder that holds it with --data.")
    try:
        return parse(path.read_text("utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        raise LineasError(f"{path} is damaged, or not the data that it should be ({error!r}).") from error

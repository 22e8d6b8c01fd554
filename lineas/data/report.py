"""What two pasted texts come to, before anything is taught."""

from dataclasses import dataclass

from lineas.data.checks import Finding, Tokenizer, check_examples
from lineas.data.parsing import parse

SIDES = ("How it talks now", "How you want it to talk")
"""What the pages call source and target."""


@dataclass(frozen=True)
class ExamplesReport:
    """How many different sentences there are on each side, how many repeats were left out, and what is to be said about them."""

    source_count: int
    source_repeats: int
    target_count: int
    target_repeats: int
    findings: tuple[Finding, ...]


def read_examples(
    source_text: str, target_text: str, tokenizer: Tokenizer | None = None
) -> tuple[list[str], list[str], ExamplesReport]:
    """The sentences of both sides, one a line, and the report on them; with a tokenizer also on those that will be cut.

    Raises:
        LineasError: for a text that is far too long.
    """
    source, target = (
        parse(text, what=f"“{side}”") for text, side in zip((source_text, target_text), SIDES, strict=True)
    )
    findings = tuple(check_examples(source.sentences, target.sentences, tokenizer=tokenizer, names=SIDES))
    report = ExamplesReport(len(source.sentences), source.repeats, len(target.sentences), target.repeats, findings)
    return source.sentences, target.sentences, report

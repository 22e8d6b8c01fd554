"""A report on two pasted texts: their sentences, and what is wrong with them."""

from dataclasses import dataclass

from lineas.data.checks import Finding, Tokenizer, check_examples
from lineas.data.parsing import parse

SIDES = ("How it talks now", "How you want it to talk")
"""Names of source and target on the pages."""


@dataclass(frozen=True)
class ExamplesReport:
    """Numbers of different sentences and of repeats on each side, and the findings."""

    source_count: int
    source_repeats: int
    target_count: int
    target_repeats: int
    findings: tuple[Finding, ...]


def read_examples(
    source_text: str, target_text: str, tokenizer: Tokenizer | None = None
) -> tuple[list[str], list[str], ExamplesReport]:
    """Parse two pasted texts into source and target sentences, and check them.

    Args:
        tokenizer: if given, sentences that training will cut are reported.

    Raises:
        LineasError: a text that is far too long.
    """
    source, target = (
        parse(text, what=f"“{side}”") for text, side in zip((source_text, target_text), SIDES, strict=True)
    )
    findings = tuple(check_examples(source.sentences, target.sentences, tokenizer=tokenizer, names=SIDES))
    report = ExamplesReport(len(source.sentences), source.repeats, len(target.sentences), target.repeats, findings)
    return source.sentences, target.sentences, report

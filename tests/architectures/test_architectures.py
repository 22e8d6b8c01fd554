"""A few architectures of each kind through every door; ``python -m tests.architectures`` tries all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architectures.checks import Server, check, server
from tests.architectures.configs import ARCHITECTURES
from tests.architectures.page import listed, reason, row, summary, tables, works

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
SOME = ("opt", "openai-gpt", "bart", "falcon_h1", "rwkv", "zamba2", "gemma3", "xlnet")
"""Blocks as sites, outputs that are lists, positions that count padding, a state, rows that see each other, blocks without a site,
a wrapper that also sees, and a model that is refused."""


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.mark.parametrize("architecture", SOME)
def test_every_door_and_a_training(architecture: str, doors: Server, tmp_path: Path) -> None:
    result = check(architecture, tmp_path / architecture, doors)
    assert not result.failure
    line = row(architecture, result) if works(result) else reason(architecture, result)
    assert listed(PAGE)[architecture] == line, "python -m tests.architectures --write docs/models.md"


def test_the_page_has_every_architecture_and_none_that_fails() -> None:
    assert set(ARCHITECTURES) <= set(listed(PAGE))
    text = PAGE.read_text(encoding="utf-8")
    assert "## Failing" not in text
    assert text.count("\n| ") - 3 == len(ARCHITECTURES)
    good = int(text.split(" architectures work")[0].split()[-1])
    assert good >= 70


def test_a_failure_stands_in_a_table_of_its_own() -> None:
    from tests.architectures.checks import Result

    found = {"good": Result(blocks=(2, 1), sites=("norm",)), "bad": Result(failure="AssertionError: generate")}
    assert summary(found) == ("1 architectures work, 0 are refused with a reason, 0 could not be tried, 1 fail.")
    assert "| good | 1 of 2 | norm | no |" in tables(found)
    assert "## Failing\n\n| architecture | reason |\n|---|---|\n| bad | AssertionError: generate |" in tables(found)

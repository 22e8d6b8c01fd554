"""Batches: which sentences meet in which step, and token rows."""

import pytest
import torch
from tiny import make_model

from lineas import LineasError
from lineas.training.batching import minibatch, pad, tokenize


def order(count: int, seed: int, turn: int) -> list[int]:
    """Order of the ``turn``-th round through all rows."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed * 1_000_003 + turn)).tolist()


@pytest.mark.parametrize(("count", "size"), [(32, 8), (10, 4), (7, 5), (5, 1)])
def test_all_rows_have_their_turn_before_any_comes_again(count: int, size: int) -> None:
    steps = [list(minibatch(count, size, seed=3, step=step)) for step in range(20)]
    assert all(len(step) == size for step in steps)
    dealt = [row for step in steps for row in step]
    expected = [row for turn in range(21) for row in order(count, 3, turn)]
    assert dealt == expected[: len(dealt)]


def test_seeds_differ_and_a_size_of_0_or_more_than_there_are_is_all() -> None:
    assert list(minibatch(32, 8, 0, 0)) != list(minibatch(32, 8, 1, 0))
    assert list(minibatch(5, 0, 1, 7)) == list(minibatch(5, 9, 1, 7)) == list(minibatch(5, 5, 1, 7)) == [0, 1, 2, 3, 4]


def test_rows_are_padded_on_the_right_and_the_mask_tells_where() -> None:
    batch = pad([torch.tensor([5, 6, 7]), torch.tensor([8])])
    assert batch.ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert batch.mask.tolist() == [[True, True, True], [True, False, False]]


def test_sentences_are_cut_and_what_leaves_no_token_is_refused() -> None:
    model = make_model("llama")
    assert [len(row) for row in tokenize(model, ["the day was good and bright", "the day"], 3)] == [3, 2]
    model.network.config.max_position_embeddings = 4
    assert [len(row) for row in tokenize(model, ["the day was good and bright"], 100)] == [4]
    with pytest.raises(LineasError, match=r"cannot read '  '.*Remove that line"):
        tokenize(model, ["  "], 3)

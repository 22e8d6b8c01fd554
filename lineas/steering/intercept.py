"""Forward hooks: seeing and changing what a network's modules return, the one place that reaches into a running network.

Everything here is scoped twice: to a ``with`` block, and to the thread that entered it. PyTorch's hooks belong to the
module, so a forward pass in another thread calls them too; each hook checks the thread first.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

Change = Callable[[Tensor], Tensor | None]
"""A function of a module's output, shape (batch, tokens, width), that returns its replacement, or None to leave it."""


Positions = Callable[[int], Tensor | None]
"""Which positions of a forward pass of so many tokens are steered: bool, shape (rows, tokens) or (1, tokens); None for all."""


class Member:
    """A Change of another member of a tuple than the first, as of a block that returns its text's stream before its picture's."""

    def __init__(self, change: Change, index: int) -> None:
        self.change, self.index = change, index

    def __call__(self, output: Tensor) -> Tensor | None:
        return self.change(output)


class Branch:
    """A Change that sees the module's input too, as a low-rank adapter beside a linear layer must."""

    def __init__(self, function: Callable[[Tensor, Tensor], Tensor]) -> None:
        self.function = function

    def __call__(self, output: Tensor, given: Tensor | None = None) -> Tensor:
        assert given is not None, "intercept gives a Branch the module's input"
        return self.function(output, given)


@contextmanager
def intercept(network: nn.Module, changes: Mapping[str, Change]) -> Iterator[None]:
    """Apply each change to the output of the module of that name, inside the ``with`` block and in this thread only.

    Outputs that are tuples or lists keep their other members; nothing is written in place; on leaving, also by an exception,
    no hook stays behind.
    """
    owner = threading.get_ident()

    def hook_for(change: Change) -> Callable[[nn.Module, Any, Any], Any]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> Any:
            if threading.get_ident() != owner:
                return None
            # transformers 5: norms, MLPs and blocks return a tensor, attention a tuple, the blocks of GPT-1 a list
            if isinstance(output, Tensor):
                return change(output, inputs[0]) if isinstance(change, Branch) else change(output)
            index = change.index if isinstance(change, Member) else 0
            if isinstance(output, tuple | list) and len(output) > index and isinstance(output[index], Tensor):
                changed = change(output[index])
                if changed is None:
                    return None
                members = (*output[:index], changed, *output[index + 1 :])
                return output._make(members) if hasattr(output, "_make") else type(output)(members)
            return None

        return hook

    handles = []
    try:
        for name, change in changes.items():
            handles.append(network.get_submodule(name).register_forward_hook(hook_for(change)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def affine(scale: Tensor, shift: Tensor, axis: int = -1) -> Change:
    """Make the change z ↦ scale ⊙ z + shift, computed in float32 and returned in the module's own dtype.

    Args:
        scale, shift: float32, shape (width,), or (rows, 1, width) with one map for each row of the batch. A batch that holds all
            rows twice, as a picture pipeline's with and without its prompt, is changed twice.
        axis: of the output, along which the coordinates lie: the last, or 1 in a convolution's (batch, channels, height, width).
    """
    placed: dict[tuple[object, ...], tuple[Tensor, Tensor]] = {}

    def fitted(vector: Tensor, output: Tensor) -> Tensor:
        if vector.ndim == 1 and axis == -1:
            return vector
        rows = 1 if vector.ndim == 1 else len(vector)
        shape = [rows, *[1] * (output.ndim - 1)]
        shape[axis] = vector.shape[-1]
        again = len(output) // rows if rows > 1 else 1
        return vector.reshape(shape).repeat(again, *[1] * (output.ndim - 1)) if again > 1 else vector.reshape(shape)

    def change(output: Tensor) -> Tensor:
        # a bfloat16 cannot hold ω−1 below 4e-3; a model may be spread over several devices
        dtype = torch.promote_types(output.dtype, torch.float32)
        place = (output.device, dtype)
        # what was reshaped without a graph has no way back to the parameters
        key = (*place, output.ndim, len(output) if scale.ndim > 1 else 1, torch.is_grad_enabled())
        if key not in placed:
            placed[key] = fitted(scale, output).to(*place), fitted(shift, output).to(*place)
        factor, offset = placed[key]
        return torch.addcmul(offset, output.to(dtype), factor).to(output.dtype)

    return change


def on_rows(change: Change, rows: list[int]) -> Change:
    """Restrict a change to these rows of the batch; it sees no others."""

    def replaced(output: Tensor, changed: Tensor | None) -> Tensor:
        assert changed is not None, "a change that steers returns what it made"
        return output.index_copy(0, torch.tensor(rows, device=output.device), changed)

    if isinstance(change, Branch):
        branch = change.function
        return Branch(lambda output, given: replaced(output, branch(output[rows], given[rows])))
    return lambda output: replaced(output, change(output[rows]))


def at_spans(spans: Sequence[slice]) -> Positions | None:
    """Make the positions of one slice for all rows, or of one for each; None where these are whole.

    They are counted within each forward pass, so that ``slice(-4, None)`` is the end of a prompt that is padded on the left, and
    every token that is decoded after it.
    """
    if all(span == slice(None) for span in spans):
        return None

    @cache
    def positions(length: int) -> Tensor | None:
        steered = torch.zeros(len(spans), length, dtype=torch.bool)
        for row, span in zip(steered, spans, strict=True):
            row[span] = True
        return None if steered.all() else steered

    return positions


def on_tokens(changes: Mapping[str, Change], positions: Positions | None) -> Mapping[str, Change]:
    """Restrict changes to these positions of each row; the others keep the module's output, bit for bit."""
    if positions is None:
        return changes

    def restored(output: Tensor, changed: Tensor | None) -> Tensor:
        assert changed is not None, "a change that steers returns what it made"
        steered = positions(output.shape[1])
        return changed if steered is None else torch.where(steered[..., None].to(output.device), changed, output)

    def restricted(change: Change) -> Change:
        if isinstance(change, Branch):
            branch = change.function
            return Branch(lambda output, given: restored(output, branch(output, given)))
        return lambda output: restored(output, change(output))

    return {site: restricted(change) for site, change in changes.items()}

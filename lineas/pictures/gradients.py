"""The gradient of a step, through the drawing of its pictures, in as much memory as there is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lineas.errors import is_out_of_memory
from lineas.pictures.activations import Row, site_means
from lineas.pictures.model import PictureModel
from lineas.pictures.sampling import Drawing
from lineas.training.parameters import Parameters


@dataclass
class Memory:
    """How much of a step's graph is kept. What did not fit once is not tried again.

    Attributes:
        rows: pictures whose graph is kept at once.
        recompute: keep the inputs of the network's blocks only, which takes a third more time.
    """

    rows: int
    recompute: bool = False

    def save(self, model: PictureModel) -> bool:
        """Ask for less memory; False where there is no way left."""
        if not self.recompute and getattr(model.network, "_supports_gradient_checkpointing", False):
            self.recompute = True
        elif self.rows > 1:
            self.rows //= 2
        else:
            return False
        return True


def backward_that_fits(
    model: PictureModel,
    loss_of: Callable[[Tensor], Tensor],
    parameters: Parameters,
    rows: Sequence[Row],
    drawing: Drawing,
    memory: Memory,
) -> float:
    """Give the parameters the gradient of the loss of these pictures, again with less memory as long as that does not suffice.

    Args:
        loss_of: from the pictures' site means, shape (len(rows), total width), to a scalar.
        memory: changed where it did not suffice, so that the next step begins with less.

    Returns:
        the loss.
    """
    while True:
        parameters.clear_gradients()
        try:
            return _backward(model, loss_of, parameters, rows, drawing, memory)
        except Exception as error:
            if not is_out_of_memory(error) or not memory.save(model):
                raise


def _backward(
    model: PictureModel,
    loss_of: Callable[[Tensor], Tensor],
    parameters: Parameters,
    rows: Sequence[Row],
    drawing: Drawing,
    memory: Memory,
) -> float:
    """Go back through one graph, or exactly in parts: the means of all without a graph, and each part's way back from them."""

    def means(part: Sequence[Row]) -> Tensor:
        return site_means(model, model.sites, part, drawing, parameters.changes(), recompute=memory.recompute)

    if memory.rows >= len(rows):
        loss = loss_of(means(rows))
        loss.backward()
        return float(loss.detach())
    parts = [rows[first : first + memory.rows] for first in range(0, len(rows), memory.rows)]
    with torch.no_grad():
        found = torch.cat([means(part) for part in parts])
    loss = loss_of(found.requires_grad_())
    (grads,) = torch.autograd.grad(loss, found)
    for part, grad in zip(parts, grads.split(memory.rows), strict=True):
        (means(part) * grad).sum().backward()
    return float(loss.detach())

"""Sites: the modules of a network whose output can be steered, which are those that fire in a short dry run."""

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from lineas.steering.intercept import Change, Member, intercept


@dataclass(frozen=True)
class Site:
    """A module whose output is steered.

    Attributes:
        name: as in ``network.named_modules()``.
        width: size of its output along ``axis``.
        depth: index of the decoder block that it stands in; in a picture model its place in the order of computing.
        axis: of the output, along which the coordinates lie: the last, or 1 (channels) in a convolution's.
        member: which one is steered of a module that returns a tuple.
    """

    name: str
    width: int
    depth: int
    axis: int = -1
    member: int = 0

    def placed(self, change: Change) -> Change:
        """The change as ``intercept`` needs it for this site."""
        return Member(change, self.member) if self.member else change


_WIDTHS: WeakKeyDictionary[nn.Module, dict[str, int]] = WeakKeyDictionary()


def module_widths(network: nn.Module) -> Mapping[str, int]:
    """Find every module that returns (batch, tokens, width) in a dry run of two rows of three tokens.

    Only what fires can be steered: a module that a fused kernel bypasses is not among them. The dry run costs one short
    forward pass and is remembered as long as the network lives.

    Returns:
        module name → width, in the order in which the modules fired.
    """
    if network not in _WIDTHS:
        fired: dict[str, int] = {}

        def look(name: str) -> Change:
            def change(output: Tensor) -> None:
                if isinstance(output, Tensor) and output.ndim == 3 and output.shape[:2] == (2, 3):
                    fired[name] = output.shape[-1]

            return change

        watched = {name: look(name) for name, _ in network.named_modules() if name}
        tokens = torch.tensor([[1, 2, 3]] * 2, device=next(network.parameters()).device)
        with torch.no_grad(), intercept(network, watched):
            network(input_ids=tokens, use_cache=False)
        _WIDTHS[network] = fired
    return _WIDTHS[network]


def know_widths(network: nn.Module, widths: Mapping[str, int]) -> None:
    """Take module widths from another dry run, of a network that does not read tokens."""
    _WIDTHS[network] = dict(widths)

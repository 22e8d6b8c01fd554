"""Lin-AcT with its clamp (Rodriguez et al., arXiv 2410.23054, section 3.3): values outside the source's range stay as they are.

T(z)_k = ω_k z_k + b_k where min_k ≤ z_k ≤ max_k, else z_k: a line fitted to the source is not trusted beyond it. The range is that
of the means over tokens from which ω and b were fitted. T acts on single tokens, whose values spread wider, so the clamp leaves
many tokens unchanged. Sites are fitted in order, with the earlier clamped maps in place on both sides.

Left out: the paper's narrower ranges (between quantiles of the source).
"""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from lineas.methods.closed_form import linear_fit
from lineas.methods.fitting import fit_sites
from lineas.steering.adapter import Adapter, placed
from lineas.steering.intercept import Change


class ClampedMap(Adapter):
    """Affine map that acts only on values between ``low`` and ``high``; all four parts have shape (width,)."""

    kind: ClassVar[str] = "lin_act_clamp"
    parts: ClassVar[tuple[str, ...]] = ("scale", "shift", "low", "high")

    def width(self, parts: Mapping[str, Tensor]) -> int:
        return len(parts["scale"])

    def change(self, parts: Mapping[str, Tensor], strength: float) -> Change:
        on_device = placed(parts)

        def change(output: Tensor) -> Tensor:
            p = on_device(output)
            z = output.to(p["scale"].dtype)
            moved = z + strength * ((p["scale"] - 1) * z + p["shift"])
            return torch.where((p["low"] <= z) & (z <= p["high"]), moved, z).to(output.dtype)

        return change


def clamped_fit(source: Tensor, target: Tensor) -> tuple[Tensor, ...]:
    """Scale, shift, low and high of one site, each of shape (d,)."""
    return *linear_fit(source, target), source.amin(dim=0), source.amax(dim=0)


def clamped_change(*parts: Tensor) -> Change:
    """The change that one site's parts stand for, at λ = 1."""
    return _build({"": parts}, {}).changes(1.0)[""]


def _build(fitted: Mapping[str, tuple[Tensor, ...]], metadata: Mapping[str, str]) -> ClampedMap:
    named = {site: dict(zip(ClampedMap.parts, parts, strict=True)) for site, parts in fitted.items()}
    return ClampedMap(named, metadata)


train = partial(fit_sites, "lin_act_clamp", clamped_fit, in_order=True, transform=clamped_change, build=_build)

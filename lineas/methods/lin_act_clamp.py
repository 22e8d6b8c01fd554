"""Lin-AcT with its clamp (Rodriguez et al., arXiv 2410.23054, section 3.3): values outside the source's range stay as they are.

T(z)_k = ω_k z_k + b_k where min_k ≤ z_k ≤ max_k, else z_k: a line fitted to the source is not trusted beyond the source.
The range is that of the source sentences' means over tokens, from which ω and b were fitted, while T acts on each token, whose
values spread wider: the clamp leaves many tokens alone. Fitted in order, with the earlier clamped maps in place.

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


class Clamped(Adapter):
    """An affine map for each site that acts only on values between ``low`` and ``high``; all parts of shape (width,)."""

    kind: ClassVar[str] = "lin_act_clamp"
    parts: ClassVar[tuple[str, ...]] = ("scale", "shift", "low", "high")

    def width(self, parts: Mapping[str, Tensor]) -> int:
        return len(parts["scale"])

    def change(self, parts: Mapping[str, Tensor], strength: float) -> Change:
        at = placed(parts)

        def change(output: Tensor) -> Tensor:
            own = at(output)
            z = output.to(own["scale"].dtype)
            moved = z + strength * ((own["scale"] - 1) * z + own["shift"])
            inside = (own["low"] <= z) & (z <= own["high"])
            return torch.where(inside, moved, z).to(output.dtype)

        return change


def clamped_fit(source: Tensor, target: Tensor) -> tuple[Tensor, ...]:
    return *linear_fit(source, target), source.amin(dim=0), source.amax(dim=0)


def clamped(*parts: Tensor) -> Change:
    return _adapter({"": parts}, {}).changes(1.0)[""]


def _adapter(fitted: Mapping[str, tuple[Tensor, ...]], metadata: Mapping[str, str]) -> Clamped:
    named = {site: dict(zip(Clamped.parts, parts, strict=True)) for site, parts in fitted.items()}
    return Clamped(named, metadata)


train = partial(fit_sites, "lin_act_clamp", clamped_fit, in_order=True, transform=clamped, build=_adapter)

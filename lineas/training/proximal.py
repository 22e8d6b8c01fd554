"""Sparsity: the proximal step of the sparse group lasso (LinEAS Eq. 5 to 7), and the largest share of coordinates."""

import math

import torch
from torch import Tensor


def shrink(displacement: Tensor, threshold: float | Tensor, group_threshold: float | Tensor) -> Tensor:
    """Apply the prox of t₁‖z‖₁ + t_G √d ‖z‖₂ to one group: soft-threshold each entry, then shrink the group's norm.

    Args:
        displacement: one site's ω−1 or b, shape (d,); each is a group of its own.
        threshold: t₁ = τγλ₁, where τ is the size of the step just taken: a number, or shape (d,) where each coordinate had
            its own.
        group_threshold: t_G = τγλ_G, a number; the factor √d is applied here.

    Returns:
        shape (d,); the composition is the exact proximal operator (Simon et al. 2013).
    """
    soft = displacement.sign() * (displacement.abs() - threshold).clamp(min=0)
    norm = soft.norm()
    limit = group_threshold * math.sqrt(len(displacement))
    # torch.where, not an if: no wait for the GPU
    return torch.where(
        norm > limit, soft * (1 - limit / norm.clamp(min=torch.finfo(soft.dtype).tiny)), torch.zeros_like(soft)
    )


def largest(importance: Tensor, share: float) -> Tensor:
    """Mask of the ``share`` (0 to 1) largest entries of ``importance``: bool, same shape; at least one entry."""
    kept = max(1, round(share * importance.numel()))
    chosen = torch.zeros(importance.numel(), dtype=torch.bool, device=importance.device)
    chosen[importance.flatten().topk(kept).indices] = True
    return chosen.view_as(importance)

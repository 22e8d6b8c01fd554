"""Tiny random text-to-image pipelines of six families, without text encoders: prompts become random embeddings."""

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AuraFlowPipeline,
    AuraFlowTransformer2DModel,
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    PixArtSigmaPipeline,
    PixArtTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)

from lineas.pictures.load import SMALL, read_small
from lineas.pictures.model import PictureModel, wrap_pipeline

WIDTH, TOKENS = 32, 6


def embeddings(prompts: Sequence[str], *shape: int) -> torch.Tensor:
    """Random numbers that depend on each prompt's words alone."""
    return torch.stack(
        [
            torch.randn(shape, generator=torch.Generator().manual_seed(zlib.crc32(prompt.encode())))
            for prompt in prompts
        ]
    )


def _vae(channels: int) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8), latent_channels=channels, norm_num_groups=4, sample_size=32,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, shift_factor=0.0,
    )  # fmt: skip


def _unet(cross_attention_dim: int = WIDTH, **more: Any) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=8, block_out_channels=(16, 32), layers_per_block=1, norm_num_groups=8, cross_attention_dim=cross_attention_dim,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=4, **more,
    )  # fmt: skip


def _stable_diffusion() -> StableDiffusionPipeline:
    return StableDiffusionPipeline(
        _vae(4),
        None,
        None,
        _unet(),
        DDIMScheduler(steps_offset=1, clip_sample=False),
        None,
        None,
        requires_safety_checker=False,
    )


def _sdxl() -> StableDiffusionXLPipeline:
    unet = _unet(
        addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=WIDTH + 48
    )
    return StableDiffusionXLPipeline(
        _vae(4), None, None, None, None, unet, EulerDiscreteScheduler(), add_watermarker=False
    )


def _sd3() -> StableDiffusion3Pipeline:
    network = SD3Transformer2DModel(
        sample_size=8, patch_size=2, in_channels=4, num_layers=2, attention_head_dim=8, num_attention_heads=4,
        joint_attention_dim=WIDTH, caption_projection_dim=32, pooled_projection_dim=WIDTH, out_channels=4,
    )  # fmt: skip
    return StableDiffusion3Pipeline(
        network, FlowMatchEulerDiscreteScheduler(), _vae(4), None, None, None, None, None, None
    )


def _flux() -> FluxPipeline:
    network = FluxTransformer2DModel(
        in_channels=16, num_layers=2, num_single_layers=2, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=WIDTH, pooled_projection_dim=WIDTH, axes_dims_rope=(4, 4, 8),
    )  # fmt: skip
    return FluxPipeline(FlowMatchEulerDiscreteScheduler(), _vae(4), None, None, None, None, network)


def _pixart() -> PixArtSigmaPipeline:
    network = PixArtTransformer2DModel(
        sample_size=8, num_layers=2, patch_size=2, attention_head_dim=8, num_attention_heads=4, in_channels=4,
        cross_attention_dim=32, caption_channels=WIDTH, use_additional_conditions=False,
    )  # fmt: skip
    return PixArtSigmaPipeline(None, None, _vae(4), network, DPMSolverMultistepScheduler())


def _aura_flow() -> AuraFlowPipeline:
    network = AuraFlowTransformer2DModel(
        sample_size=8, patch_size=2, in_channels=4, num_mmdit_layers=1, num_single_dit_layers=1, attention_head_dim=8,
        num_attention_heads=4, joint_attention_dim=WIDTH, caption_projection_dim=32, out_channels=4, pos_embed_max_size=64,
    )  # fmt: skip
    return AuraFlowPipeline(None, None, _vae(4), network, FlowMatchEulerDiscreteScheduler())


def _pooled(prompts: Sequence[str]) -> dict[str, Any]:
    pooled = embeddings(prompts, WIDTH)
    return {
        **_plain(prompts),
        "pooled_prompt_embeds": pooled,
        "negative_pooled_prompt_embeds": torch.zeros_like(pooled),
    }


def _masked(prompts: Sequence[str]) -> dict[str, Any]:
    mask = torch.ones(len(prompts), TOKENS)
    return {
        **_plain(prompts), "prompt_attention_mask": mask, "negative_prompt_attention_mask": mask, "negative_prompt": None
    }  # fmt: skip


def _unbinned(prompts: Sequence[str]) -> dict[str, Any]:
    return {**_masked(prompts), "use_resolution_binning": False}


def _plain(prompts: Sequence[str]) -> dict[str, Any]:
    embeds = embeddings(prompts, TOKENS, WIDTH)
    return {"prompt_embeds": embeds, "negative_prompt_embeds": torch.zeros_like(embeds), "height": 16, "width": 16}


FAMILIES: dict[str, tuple[Callable[[], Any], Callable[[Sequence[str]], dict[str, Any]]]] = {
    "stable-diffusion": (_stable_diffusion, _plain),
    "sdxl": (_sdxl, _pooled),
    "sd3": (_sd3, _pooled),
    "flux": (_flux, _pooled),
    "pixart": (_pixart, _unbinned),
    "aura-flow": (_aura_flow, _masked),
}


def tiny(family: str) -> PictureModel:
    """A pipeline of the family with random weights, that draws 16 × 16 pixels."""
    make, inputs = FAMILIES[family]
    torch.manual_seed(0)
    return wrap_pipeline(make(), family, inputs)


def save_tiny(folder: Path) -> Path:
    """Write a Stable Diffusion with random weights that reads prompts: with the small model's words and its reader."""
    small = read_small(SMALL)
    small.tokenizer.model_max_length = small.text_encoder.config.max_position_embeddings
    torch.manual_seed(0)
    unet = _unet(cross_attention_dim=small.text_encoder.config.hidden_size)
    scheduler = DDIMScheduler(steps_offset=1, clip_sample=False)
    parts = (_vae(4), small.text_encoder, small.tokenizer, unet, scheduler, None, None)
    StableDiffusionPipeline(*parts, requires_safety_checker=False).save_pretrained(folder)
    return folder

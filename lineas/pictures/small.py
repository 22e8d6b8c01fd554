"""The pipeline of the small model that comes with the program: 48 × 48 pixels, a few steps, trained from nothing."""

import re

import torch
from diffusers import DiffusionPipeline, FlowMatchEulerDiscreteScheduler, UNet2DConditionModel
from diffusers.image_processor import VaeImageProcessor
from diffusers.pipelines.pipeline_utils import ImagePipelineOutput
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor
from torch.nn import functional
from transformers import CLIPTextModel, PreTrainedTokenizerFast

PATCH = 4
"""Side of the squares of pixels that the network sees as one position."""


class SmallPipeline(DiffusionPipeline):  # type: ignore[misc]
    """Text to pictures without an autoencoder: flow matching on squares of pixels, as other ``diffusers`` pipelines are called."""

    model_cpu_offload_seq = "text_encoder->unet"

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        text_encoder: CLIPTextModel,
        unet: UNet2DConditionModel,
        scheduler: FlowMatchEulerDiscreteScheduler,
    ) -> None:
        super().__init__()
        self.register_modules(tokenizer=tokenizer, text_encoder=text_encoder, unet=unet, scheduler=scheduler)

    def encode(self, prompts: list[str]) -> Tensor:
        """Encode prompts: shape (prompts, tokens, width)."""
        ids = self.tokenizer(
            [prompt.lower() for prompt in prompts],
            padding="max_length",
            truncation=True,
            max_length=self.text_encoder.config.max_position_embeddings,
            return_tensors="pt",
        ).input_ids
        return self.text_encoder(ids.to(self.text_encoder.device)).last_hidden_state  # type: ignore[no-any-return]

    def unknown_words(self, prompts: list[str]) -> list[str]:
        """Words that the model has never seen, in the order of the prompts, each once."""
        words = [word for prompt in prompts for word in re.findall(r"[\w'-]+", prompt.lower())]
        known = self.tokenizer.get_vocab()
        return [word for word in dict.fromkeys(words) if word not in known]

    def picture_at(self, noisy: Tensor, noise: Tensor, texts: Tensor) -> Tensor:
        """Guess the picture behind a noisy one.

        Args:
            noisy: (1−σ)·picture + σ·noise, shape (rows, 3 · PATCH², height, width).
            noise: σ, shape (rows,) or ().
            texts: what ``encode`` returns.
        """
        return self.unet(noisy, noise * 1000, encoder_hidden_states=texts).sample  # type: ignore[no-any-return]

    @torch.no_grad()
    def __call__(
        self,
        prompt: str | list[str] | None = None,
        num_inference_steps: int = 4,
        guidance_scale: float = 0.0,
        negative_prompt: str | list[str] | None = None,
        generator: torch.Generator | list[torch.Generator] | None = None,
        latents: Tensor | None = None,
        prompt_embeds: Tensor | None = None,
        output_type: str = "pil",
    ) -> ImagePipelineOutput:
        """Draw one picture for each prompt.

        Args:
            guidance_scale: weight of the prompt against no prompt; up to 1 is none, and half the work.
            negative_prompt: what guidance leads away from, instead of no prompt.
            latents: noise, shape (prompts, 3 · PATCH², 12, 12); drawn with ``generator`` where it is not given.
            output_type: "pil", "pt" for a tensor (prompts, 3, 48, 48) of numbers from 0 to 1, or "latent".
        """
        if prompt_embeds is None:
            assert prompt is not None, "a prompt or its embeddings are needed"
            prompt_embeds = self.encode([prompt] if isinstance(prompt, str) else prompt)
        rows, device, side = len(prompt_embeds), self.unet.device, self.unet.config.sample_size
        if latents is None:
            shape = (rows, self.unet.config.in_channels, side, side)
            latents = randn_tensor(shape, generator=generator, device=device, dtype=prompt_embeds.dtype)
        away = [""] * rows if negative_prompt is None else negative_prompt
        nothing = self.encode([away] * rows if isinstance(away, str) else away) if guidance_scale > 1 else None
        self.scheduler.set_timesteps(num_inference_steps, device=device)
        for time in self.progress_bar(self.scheduler.timesteps):
            noise = time / 1000
            picture = self.picture_at(latents, noise, prompt_embeds)
            if nothing is not None:
                plain = self.picture_at(latents, noise, nothing)
                picture = plain + guidance_scale * (picture - plain)
            latents = self.scheduler.step((latents - picture) / noise, time, latents).prev_sample
        if output_type == "latent":
            return ImagePipelineOutput(images=latents)
        pixels = VaeImageProcessor.denormalize(functional.pixel_shuffle(latents, PATCH))
        if output_type == "pt":
            return ImagePipelineOutput(images=pixels)
        return ImagePipelineOutput(images=VaeImageProcessor.numpy_to_pil(VaeImageProcessor.pt_to_numpy(pixels)))

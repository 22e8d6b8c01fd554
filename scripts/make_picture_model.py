"""Train the small picture model from nothing, on scenes that ``picture_scenes`` draws, and write its pipeline folder.

python -m scripts.make_picture_model --work DIR --out assets/pictures/small

It can be stopped at any time: the same command goes on from the last checkpoint in DIR, where it also leaves a sheet of pictures
of combinations that it was never shown. Drawing and noise depend on the step alone, so that stopping changes nothing.
"""

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import Tensor
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

from lineas.pictures.small import PATCH, SmallPipeline
from scripts.picture_scenes import SIZE, Scene, all_scenes, draw, random_scene, sheet

BATCH, RATE, WARMUP = 32, 1e-3, 100
COOLDOWN = 0.25
"""Share of the steps, at the end, over which the learning rate falls to nothing."""
EMA = 0.998
TOKENS, TEXT_WIDTH, SEED = 16, 128, 0
SECONDS_BETWEEN_CHECKPOINTS = 300
SAMPLER_NOISE = (1.0, 0.75, 0.5, 0.25)
"""σ that the four-step sampler asks about: half of all training is there."""

MIDDLE = torch.ones(SIZE // PATCH, SIZE // PATCH)
MIDDLE[3:11, 2:10] = 3.0
"""Weight of each square in the loss: the thing is small, and matters more than its surroundings."""


def new_tokenizer() -> PreTrainedTokenizerFast:
    """One token for each word of the captions."""
    dice = random.Random(SEED)
    words = sorted({word for scene in all_scenes() for _ in range(4) for word in scene.some_caption(dice).split()})
    special = ["<pad>", "<start>", "<end>", "<unknown>"]
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate([*special, *words])}, unk_token="<unknown>"))
    core.normalizer = normalizers.Lowercase()
    core.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Punctuation("removed"), pre_tokenizers.Whitespace()])
    core.post_processor = processors.TemplateProcessing(
        "<start> $A <end>", special_tokens=[("<start>", 1), ("<end>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", bos_token="<start>", eos_token="<end>", unk_token="<unknown>",
        model_max_length=TOKENS,
    )  # fmt: skip


def new_pipeline() -> SmallPipeline:
    torch.manual_seed(SEED)
    tokenizer = new_tokenizer()
    text = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=TEXT_WIDTH, intermediate_size=2 * TEXT_WIDTH, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=TOKENS, projection_dim=TEXT_WIDTH,
        pad_token_id=0, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=SIZE // PATCH, in_channels=3 * PATCH**2, out_channels=3 * PATCH**2,
        block_out_channels=(64, 128, 192), layers_per_block=1, norm_num_groups=16,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=TEXT_WIDTH, attention_head_dim=4, resnet_time_scale_shift="scale_shift",
        addition_embed_type="text", addition_embed_type_num_heads=4,
    )  # fmt: skip
    return SmallPipeline(tokenizer, CLIPTextModel(text), unet, FlowMatchEulerDiscreteScheduler(shift=1.0))


def batch(step: int) -> tuple[Tensor, list[str], Tensor, Tensor]:
    """Pictures from -1 to 1 as squares of pixels, captions, noise, and σ: a function of the step alone."""
    dice, torch_dice = random.Random(step), torch.Generator().manual_seed(step)
    scenes = [random_scene(dice) for _ in range(BATCH)]
    pixels = torch.from_numpy(np.stack([np.asarray(draw(scene, dice)) for scene in scenes])).permute(0, 3, 1, 2)
    pictures = functional.pixel_unshuffle(pixels / 127.5 - 1, PATCH)
    captions = ["" if dice.random() < 0.08 else scene.some_caption(dice) for scene in scenes]
    anywhere = torch.rand(BATCH, generator=torch_dice).clamp(min=0.1)
    asked = torch.tensor(SAMPLER_NOISE)[torch.randint(len(SAMPLER_NOISE), (BATCH,), generator=torch_dice)]
    noise = torch.where(torch.arange(BATCH) % 2 == 0, anywhere, asked)
    return pictures, captions, torch.randn(pictures.shape, generator=torch_dice), noise


def learning_rate(step: int, steps: int) -> float:
    return RATE * min(1, (step + 1) / WARMUP, (steps - step) / (COOLDOWN * steps))


class Training:
    """Weights, their moving average and the optimizer, in a folder between two runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pipeline, self.step, self.seconds = folder, new_pipeline(), 0, 0.0
        self.network = torch.nn.ModuleDict({"unet": self.pipeline.unet, "text_encoder": self.pipeline.text_encoder})
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=0.01, fused=True
        )
        self.average = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        if (folder / "progress.json").is_file():
            self.load()

    def train_step(self, steps: int) -> float:
        pictures, captions, noise, sigma = batch(self.step)
        s = sigma[:, None, None, None]
        guess = self.pipeline.picture_at((1 - s) * pictures + s * noise, sigma, self.pipeline.encode(captions))
        # the velocity's error is the picture's, divided by σ; small σ would drown the rest
        weight = 1 / (sigma + 0.2) ** 2
        loss = (((guess - pictures).square() * MIDDLE).mean((1, 2, 3)) * weight).mean()
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, steps)
        self.optimizer.step()
        self.step += 1
        share = min(EMA, self.step / (self.step + 20))
        with torch.no_grad():
            for name, tensor in self.network.state_dict().items():
                if tensor.is_floating_point():
                    self.average[name].lerp_(tensor, 1 - share)
        return float(loss.detach())

    def save(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        save_file(self.network.state_dict(), self.folder / "now.safetensors")
        save_file(self.average, self.folder / "average.safetensors")
        moments = {
            f"{i}.{name}": value
            for i, state in self.optimizer.state_dict()["state"].items()
            for name, value in state.items()
        }
        save_file(moments, self.folder / "moments.safetensors")
        (self.folder / "progress.json").write_text(json.dumps({"step": self.step, "seconds": self.seconds}))

    def load(self) -> None:
        self.network.load_state_dict(load_file(self.folder / "now.safetensors"))
        self.average = load_file(self.folder / "average.safetensors")
        state = self.optimizer.state_dict()
        for key, value in load_file(self.folder / "moments.safetensors").items():
            i, name = key.split(".")
            state["state"].setdefault(int(i), {})[name] = value
        self.optimizer.load_state_dict(state)
        progress = json.loads((self.folder / "progress.json").read_text())
        self.step, self.seconds = progress["step"], progress["seconds"]

    def averaged(self) -> SmallPipeline:
        """A pipeline with the averaged weights."""
        pipeline = new_pipeline()
        torch.nn.ModuleDict({"unet": pipeline.unet, "text_encoder": pipeline.text_encoder}).load_state_dict(
            self.average
        )
        pipeline.set_progress_bar_config(disable=True)
        pipeline.unet.eval()
        pipeline.text_encoder.eval()
        return pipeline


def sample_sheet(pipeline: SmallPipeline, path: Path) -> None:
    """Draw held-out captions with 1, 4 and 8 steps, a row each, from the same noise."""
    scenes = random.Random(1).sample([scene for scene in all_scenes() if scene.held_out], 12)
    captions = [scene.caption() for scene in scenes]
    pictures = []
    for steps in (1, 4, 8):
        pictures += pipeline(captions, steps, generator=torch.Generator().manual_seed(0)).images
    more: list[Scene] = random.Random(2).sample([scene for scene in all_scenes() if scene.held_out], 36)
    pictures += pipeline([scene.caption() for scene in more], generator=torch.Generator().manual_seed(1)).images
    sheet(pictures, 12).save(path)
    path.with_suffix(".txt").write_text("\n".join([*captions, *(scene.caption() for scene in more)]) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints and sheets")
    parser.add_argument("--out", type=Path, help="folder for the pipeline, written at the end in float16")
    parser.add_argument("--steps", type=int, default=2600, help="steps of training in all")
    arguments = parser.parse_args()
    training = Training(arguments.work)
    print(f"{sum(p.numel() for p in training.network.parameters()) / 1e6:.2f} million parameters", flush=True)
    losses: list[float] = []
    saved, began = time.time(), time.process_time() - training.seconds
    while training.step < arguments.steps:
        losses.append(training.train_step(arguments.steps))
        training.seconds = time.process_time() - began
        if training.step % 50 == 0:
            print(f"step {training.step}  loss {np.mean(losses[-100:]):.4f}  {training.seconds:.0f} CPU s", flush=True)
        if time.time() - saved > SECONDS_BETWEEN_CHECKPOINTS or training.step == arguments.steps:
            training.save()
            sample_sheet(training.averaged(), arguments.work / f"sheet-{training.step:06d}.png")
            saved = time.time()
    if arguments.out:
        training.averaged().to(torch.float16).save_pretrained(arguments.out, safe_serialization=True)


if __name__ == "__main__":
    main()

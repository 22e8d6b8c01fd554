"""Train the ready-made picture maps on the small model, and draw what they do.

python -m scripts.make_picture_maps [night snow …]
"""

import sys

from lineas.files import ASSETS
from lineas.pictures.files import before_and_after
from lineas.pictures.generate import generate
from lineas.pictures.load import load_pipeline
from lineas.pictures.presets import picture_presets
from lineas.pictures.train import fit
from lineas.storage.carried import carry_card


def main(wanted: list[str]) -> None:
    model = load_pipeline("small")
    folder = ASSETS / "pictures" / "maps"
    folder.mkdir(exist_ok=True)
    for preset in picture_presets():
        if not wanted or preset.id in wanted:
            made = fit(model, preset.source, preset.target, name=preset.name)
            before, after = (picture.image for picture in generate(model, preset.prompts[:1], made, [0.0, 1.0]))
            words = {"instruction": preset.instruction, **carry_card(before_and_after(before, after))}
            made.with_metadata(**words).save(folder / f"{preset.id}.safetensors")
            print(f"{preset.name}: {made.metadata['metrics'][:80]} …", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

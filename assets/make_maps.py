"""Makes the ready-made maps: every preset, or those named, trained on the default model with the recipe ``quick``.

python assets/make_maps.py [pirate cheerful …]
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lineas import fit, load_model
from lineas.examples.presets import load_presets


def main(wanted: list[str]) -> None:
    model = load_model("default")
    for preset in load_presets():
        if wanted and preset.id not in wanted:
            continue
        began = time.perf_counter()
        made = fit(model, preset.source, preset.target, "quick", name=preset.name)
        path = Path(__file__).parent / "maps" / f"{preset.id}.safetensors"
        made.with_metadata(description=preset.description).save(path)
        print(f"{path.name}: {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])

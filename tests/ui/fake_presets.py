"""Two small presets."""

from lineas.data.presets import Preset

DAYS = [" ".join(["day"] * n) for n in range(1, 33)]
PRESETS = [
    Preset(
        id="pirate",
        name="Pirate",
        description="Talks like a pirate.",
        instruction="Answer like a pirate.",
        prompts=("Tell me about your day.",),
        source=tuple(f"I went to the market on {day} and bought some fresh bread." for day in DAYS),
        target=tuple(f"Arr, on {day} I plundered the market for hard tack, me hearties!" for day in DAYS),
    ),
    Preset(
        id="cheerful",
        name="Cheerful",
        description="Looks on the bright side.",
        instruction="Be cheerful.",
        prompts=("Tell me about your day.",),
        source=tuple(f"The {day} was long and I am tired of the rain." for day in DAYS),
        target=tuple(f"The {day} was wonderful and I love the fresh rain!" for day in DAYS),
    ),
]

"""What a person's hands do on the page, at a person's pace."""

from fake_presets import PRESETS
from playwright.sync_api import Locator, Page, expect


def write(field: Locator, text: str) -> None:
    """Fill in ``field``. Gradio empties one that has just come into being, some 40 ms later: sooner than anybody can type."""
    for _ in range(3):
        field.fill(text)
        field.page.wait_for_timeout(100)
        if field.input_value() == text:
            return


def take_preset(page: Page, preset: str) -> None:
    """Press the button of a ready-made example and see its sentences come."""
    page.click(f"#preset-{preset}")
    sentences = {known.id: known.target for known in PRESETS}[preset]
    expect(page.locator("#target-examples textarea")).to_have_value("\n".join(sentences))

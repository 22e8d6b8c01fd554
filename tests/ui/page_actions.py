"""What a person's hands do on the page, at a person's pace."""

from fake_presets import PRESETS
from fake_workbench import FakeWorkbench
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


def teach_pirate(page: Page, service: FakeWorkbench) -> None:
    """Begins, and halts half-way until ``service.teaching`` is set."""
    service.teaching.clear()
    take_preset(page, "pirate")
    expect(page.locator("#source-count")).to_contain_text("32 sentences")
    page.click("#train-button")
    expect(page.locator("#run-status")).to_contain_text("Teaching “Pirate”: step 9 of 40")

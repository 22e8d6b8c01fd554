"""What a person's hands do on the page, at a person's pace."""

from playwright.sync_api import Locator


def write(field: Locator, text: str) -> None:
    """Fill in ``field``. Gradio empties one that has just come into being, some 40 ms later: sooner than anybody can type."""
    for _ in range(3):
        field.fill(text)
        field.page.wait_for_timeout(100)
        if field.input_value() == text:
            return

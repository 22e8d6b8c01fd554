"""What people do on the pages."""

from pathlib import Path

from fake_answers import FakeAnswers
from fake_trainer import FakeTrainer
from playwright.sync_api import Locator, Page, expect
from small_presets import PRESETS


def field(page: Page, elem_id: str) -> Locator:
    """The field in which a component's text or number is typed."""
    return page.locator(f"#{elem_id} textarea, #{elem_id} input:not([type=range])")


def settle(page: Page) -> None:
    """Wait until new fields keep what is typed: Gradio sets their values once more, one or two frames after it created them."""
    page.evaluate("async () => { for (let count = 0; count < 4; count++) await new Promise(requestAnimationFrame); }")
    page.evaluate("new Promise((done) => requestIdleCallback(done))")


def wait_until_loaded(page: Page) -> None:
    """Wait until the studio has filled in the page, with its draft."""
    expect(page.locator("#news")).to_have_text("open")
    settle(page)


def reload(page: Page) -> None:
    """Refresh a page at rest, so that the browser has kept the draft, and wait until it is complete."""
    settle(page)
    page.reload()
    wait_until_loaded(page)


def open_tab(page: Page, label: str) -> None:
    page.get_by_role("tab", name=label, exact=True).click()
    settle(page)


def open_fold(page: Page, label: str) -> None:
    """Open the first fold of this name on the tab."""
    page.get_by_role("button", name=label).first.click()
    settle(page)


def choose(page: Page, elem_id: str, option: str) -> None:
    """Choose from a list."""
    page.click(f"#{elem_id} input")
    page.get_by_role("option", name=option).click()


def drop(page: Page, path: Path, where: str) -> None:
    """Drop a file onto a part of the page, as from the computer's file manager."""
    data = page.evaluate_handle(
        """([name, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name));
          return data;
        }""",
        [path.name, list(path.read_bytes())],
    )
    for event in ("dragover", "drop"):
        page.dispatch_event(where, event, {"dataTransfer": data})


def take_preset(page: Page, preset: str) -> None:
    """Press the button of a preset and wait for its sentences."""
    page.click(f"#preset-{preset}")
    sentences = {known.id: known.target for known in PRESETS}[preset]
    expect(field(page, "target-examples")).to_have_value("\n".join(sentences))


def teach_half(page: Page, trainer: FakeTrainer) -> None:
    """Teach "Pirate 2" until it halts after nine steps, to continue when ``trainer.go_on`` is set."""
    trainer.go_on.clear()
    take_preset(page, "pirate")
    page.click("#train-button")
    expect(page.locator("#run-status")).to_contain_text("Teaching “Pirate 2”: step 9 of 40")


def compare(page: Page, answers: FakeAnswers, button: str = "#compare-button") -> None:
    """Ask, and wait for the complete answers. They halt until the page shows that they grow."""
    answers.go_on.clear()
    page.click(button)
    expect(page.locator("#stop-button")).to_be_enabled()
    answers.go_on.set()
    expect(page.locator(button)).to_be_enabled()
    expect(page.locator("#stop-button")).to_be_disabled()


def wait_for_live_question(page: Page) -> None:
    """Wait until a slider that moved before has asked, if it asks by itself: it waits 120 ms, in case it moves on."""
    page.evaluate("new Promise((done) => setTimeout(done, 150))")


def expect_no_overflow(page: Page) -> None:
    """The page is not wider than the window."""
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")

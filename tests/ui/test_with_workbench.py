"""The same page over the real workbench and a tiny random model: taught, refreshed, compared, restarted."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from page_actions import write
from playwright.sync_api import expect
from ready import SOURCE, TARGET, Ready

from lineas.models.loaded import LoadedModel
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


def test_teach_and_compare_for_real(tmp_path: Path, tiny_model: LoadedModel, visit: Any, open_with: Any) -> None:
    studio = open_with(Ready(tmp_path, tiny_model))
    page = visit(studio.url)
    write(page.locator("#concept-name textarea, #concept-name input"), "bright")
    write(page.locator("#source-examples textarea"), SOURCE)
    write(page.locator("#target-examples textarea"), TARGET)
    expect(page.locator("#target-count")).to_contain_text("6 sentences")
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("“bright” is ready", timeout=60_000)
    assert page.locator("#loss-plot polyline").count() == 1
    page.click("#try-button")
    expect(page.locator("#map-choice input")).to_have_value("bright · yours")
    write(page.locator("#prompt textarea"), "your day")
    page.click("#compare-button")
    expect(page.locator("#steered-output footer")).to_contain_text("token")
    expect(page.locator("#compare-button")).to_be_enabled()
    said = page.locator("#plain-output .ls-text").inner_text()
    assert said

    page.click("#strength-0")  # off is the plain model
    page.click("#compare-button")
    expect(page.locator("#steered-output h3")).to_have_text("With “bright” at 0")
    expect(page.locator("#compare-button")).to_be_enabled()
    assert page.locator("#steered-output .ls-text").inner_text() == page.locator("#plain-output .ls-text").inner_text()

    studio.blocks.close()
    studio.service.close()
    again = visit(open_with(Ready(tmp_path, tiny_model)).url)
    expect(again.locator("#status-banner")).to_contain_text("“bright” is ready")
    again.get_by_role("tab", name=ui_text.COMPARE).click()
    expect(again.locator("#map-choice input")).to_have_value("bright · yours")

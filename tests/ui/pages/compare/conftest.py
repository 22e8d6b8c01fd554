"""Compare in a browser."""

from typing import TYPE_CHECKING, Any

import pytest

from lineas.ui import text as ui_text

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from studio_server import OpenStudio


@pytest.fixture
def page(studio: "OpenStudio", visit: Any) -> "Page":
    """Compare, ready to ask."""
    from page_actions import open_tab
    from playwright.sync_api import expect

    page: Page = visit(studio.url)
    open_tab(page, ui_text.COMPARE)
    expect(page.locator("#compare-button")).to_be_enabled()
    return page

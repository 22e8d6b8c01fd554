"""A studio over a fake workbench on a free port, and a browser in which to use it.

Every browser test fails on a request that leaves this computer and on an error in the page's own scripts.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake_workbench import FakeWorkbench
from opened import Open, open_studio

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip


@pytest.fixture
def service() -> FakeWorkbench:
    return FakeWorkbench()


@pytest.fixture
def open_with() -> Iterator[Callable[[Any], Open]]:
    """``open_with(service)`` opens a studio over this workbench until the test ends."""
    studios = []

    def open_one(service: Any) -> Open:
        studios.append(open_studio(service))
        return studios[-1]

    yield open_one
    for studio in studios:
        studio.blocks.close()
        studio.service.close()


@pytest.fixture
def studio(service: FakeWorkbench, open_with: Callable[[Any], Open]) -> Open:
    return open_with(service)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        reason = "no Chromium here: install Debian's chromium, or name one in CHROMIUM"
        if os.environ.get("LINEAS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=15_000)  # the machine may be busy
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:
    """``visit(url, **context_options)`` opens a page in a browser profile of its own and waits until the studio is there.

    ``tour``: as at a first visit; ``until``: what has to be seen.
    """
    contexts, outside, errors = [], [], []

    def open_page(
        url: str, context: Any = None, tour: bool = False, until: str = "#train-button", **options: Any
    ) -> Any:
        if context is None:
            context = browser.new_context(**options)
            contexts.append(context)
            if not tour:
                context.add_init_script("localStorage.setItem('lineas-tour', 'seen')")
        page = context.new_page()
        origin = "/".join(url.split("/")[:3])

        def note(request: Any) -> None:
            if not request.url.startswith((origin, f"blob:{origin}", "data:")):
                outside.append(request.url)

        page.on("request", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.locator(until).wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert outside == []
    assert errors == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser test that fails is tried once more, and the run tells which: page, browser and studio share busy cores."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))

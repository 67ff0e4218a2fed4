"""A hub, a Home Assistant that has not enrolled yet, and a browser in which its owner signs in."""

import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from demo.home_assistant import Household
from demo.hub_client import HubClient
from demo.stack import Stack
from demo.waiting import until
from tests.ui.frontend import Frontend
from tests.ui.resident import CAMERA
from tests.ui.shots import sketch_streets

_LOGGER = logging.getLogger(__name__)
HERE = Path(__file__).parent
LIMIT = 60.0
PATIENCE = 40_000.0
"""Milliseconds that the browser may wait for anything; a busy machine is slow."""
LONGEST = 300
"""Seconds for a whole test; it takes a tenth of that on an idle machine."""
WINDOW = ViewportSize(width=1200, height=960)
# Nothing that a browser does for itself, and no sandbox, because tests may run as root.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here share one event loop, because they share what runs in it."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(LONGEST))
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(program: Callable[[str], Path]) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(
    tmp_path_factory: pytest.TempPathFactory, program: Callable[[str], Path]
) -> AsyncIterator[Stack]:
    program("mosquitto")
    async with await Stack.open(tmp_path_factory.mktemp("ui")) as stack:
        await stack.hub.start()
        await stack.start_camera()
        await stack.home_assistant.start()
        await stack.resident.add_camera(CAMERA, stack.picture)
        yield stack


@pytest_asyncio.fixture(loop_scope="session")
async def stack(running: Stack) -> Stack:
    """Everything runs, and the home has not enrolled."""
    entry = await running.resident.entry()
    if entry is not None:
        await running.home_assistant.client.ask(
            "DELETE", f"/api/config/config_entries/entry/{entry['entry_id']}"
        )
    return running


@pytest_asyncio.fixture(loop_scope="session")
async def operator(stack: Stack) -> HubClient:
    operator = await stack.operator()
    await until(operator.ready, "the hub is not ready", LIMIT)
    return operator


@pytest_asyncio.fixture(loop_scope="session")
async def page(
    browser: Browser, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Page]:
    """An empty window; what it shows is kept when a test fails in it."""
    context = await browser.new_context(
        viewport=WINDOW,
        locale="en-US",
        timezone_id="America/Chicago",
        color_scheme="light",
        service_workers="block",
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = await context.new_page()
    await sketch_streets(page, Household.latitude, Household.longitude)
    failures = request.session.testsfailed
    yield page
    if request.session.testsfailed > failures:
        await page.screenshot(path=tmp_path / "window.png")
        _LOGGER.error("The window when it failed: %s, at %s", tmp_path / "window.png", page.url)
    await context.close()


@pytest.fixture
def frontend(page: Page, stack: Stack) -> Frontend:
    return Frontend(page, stack.home_assistant.url)


@pytest_asyncio.fixture(loop_scope="session")
async def in_spanish(running: Stack) -> AsyncIterator[None]:
    """The household and its owner speak Spanish."""
    client = running.home_assistant.client
    for language in ("es", "en"):
        await client.command("config/core/update", language=language)
        await client.command("frontend/set_user_data", key="language", value={"language": language})
        if language == "es":
            yield

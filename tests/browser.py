"""A headless Chromium for tests of pages; they are skipped where it, its driver or selenium is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest


@contextmanager
def chromium() -> Iterator[Any]:
    """Start a browser that keeps its console's messages, and quit it at the end."""
    webdriver = pytest.importorskip("selenium.webdriver")
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("no Chromium")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield browser
    finally:
        with suppress(Exception):  # a browser that has died is no fault of the page
            browser.quit()


def show(browser: Any, address: str, width: int) -> None:
    """Open a page in a window of so many pixels across, a telephone's below 500."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(address)


def check_quiet_and_fitting(browser: Any, width: int) -> None:
    """Check that nothing was said on the console and that nothing stands out on the right."""
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width

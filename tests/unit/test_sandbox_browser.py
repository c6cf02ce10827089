"""The sandbox's pages in a real Chromium: both themes, a phone and a desk."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import scenario
from sandbox.site import Site

pytestmark = pytest.mark.chromium
CONTRAST = """
() => {
  const light = (c) => {
    const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map((v) => {
      v /= 255;
      return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const c = getComputedStyle(node).backgroundColor;
      if (!c.startsWith("rgba(0, 0, 0, 0")) return c;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !node.getClientRects().length) continue;
    const a = light(getComputedStyle(node).color), b = light(behind(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${node.className || node.tagName} ${ratio}`);
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site.start(dashboard_url="http://127.0.0.1:8000") as site:
        scenario.seed(site)
        yield site


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1366])
def test_pages_fit_and_can_be_read(
    chromium: Any, site: Site, theme: str, width: int
) -> None:
    post = site.posts()[0]
    paths = (
        "/",
        f"/?balas={post.id}",
        f"/?terkirim={post.id}",
        f"/ratna_wulandari/status/{post.id}",
        "/berita",
        "/berita/kabar-sukamaju/1",
    )
    page = chromium.new_page(
        viewport={"width": width, "height": 800}, color_scheme=theme
    )
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for path in paths:
        assert page.goto(site.url + path).ok
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
        assert page.evaluate(CONTRAST) == [], path
    page.close()
    assert said == []


def test_a_citizen_writes_with_the_keyboard_alone(chromium: Any, site: Site) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    page.goto(site.url)
    page.focus("#name")
    page.keyboard.type("Pak Darmo")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.keyboard.type("antre SIM kok lama")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    assert "Terkirim" in page.inner_text("[role=status]")
    page.close()
    (post,) = site.posts("pak_darmo")
    assert post.text == "@polres_sukamaju antre SIM kok lama"

"""A walk through a page with the Tab key: where the focus comes, whether one sees it there, and in which order."""

from playwright.async_api import Page

_STOPS_MOST = 150

# Where the focus is now: its place in the page, and what is wrong with how it shows. `null` once it has left the page.
_HERE = """() => {
  const here = document.activeElement;
  if (here === null || here === document.body || here.tagName === "IFRAME") return null;
  const all = [...document.querySelectorAll("*")];
  const style = getComputedStyle(here);
  const { left, top, right, bottom } = here.getBoundingClientRect();
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const above = document.elementFromPoint(x, y);
  const wrong = [
    [style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2, "shows no focus"],
    [right - left < 1 || bottom - top < 1, "has the focus and no size"],
    [above === null, "has the focus outside of the window"],
    [above !== null && !here.contains(above), `is covered by ${above?.outerHTML.slice(0, 80)}`],
  ].filter(([is]) => is).map(([, words]) => words);
  return { place: all.indexOf(here), html: here.outerHTML.slice(0, 120), wrong };
}"""
_OUT_OF_ORDER = """() => [...document.querySelectorAll("[tabindex]")].filter((each) => each.tabIndex > 0)
  .map((each) => `${each.outerHTML.slice(0, 120)} is out of order`)"""
# Blurring would not do: the browser goes on from where the focus was last.
_TO_THE_TOP = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  scrollTo({ top: 0, behavior: "instant" });
}"""


async def walk(page: Page) -> list[str]:
    """What is wrong; the focus ends up nowhere. Every stop must show it, uncovered, and none may jump the queue."""
    await page.emulate_media(reduced_motion="reduce")  # a page that still scrolls has not come to its focus yet
    await page.evaluate(_TO_THE_TOP)
    complaints: list[str] = await page.evaluate(_OUT_OF_ORDER)
    last = -1
    for _ in range(_STOPS_MOST):
        await page.keyboard.press("Tab")
        here = await page.evaluate(_HERE)
        if here is None or here["place"] <= last:  # out of the page, or round to its top
            await page.evaluate(_TO_THE_TOP)
            return complaints if last >= 0 else [*complaints, "the focus comes nowhere"]
        complaints += [f"{here['html']} {wrong}" for wrong in here["wrong"]]
        last = here["place"]
    return [*complaints, f"no end after {_STOPS_MOST} stops"]

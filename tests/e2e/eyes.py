"""What is looked at on every page and in every state: accessibility, width, and what the browser complains of."""

import hashlib
import re
from functools import cache
from pathlib import Path

from playwright.async_api import ConsoleMessage, Error, Page, Request, Response, ViewportSize

from tests.e2e.keyboard import walk

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# In px, for text of the usual size: what is left of 1280 at 200 % and at 400 % zoom (WCAG 1.4.4 and 1.4.10).
ZOOMED, NARROWEST = 640, 320
STILL_TO_COME_PX = 200  # a line of the log that is added while we look
USUAL_PX = 16
SHIFT_MOST = 0.02

# All rules, or only those named.
RUN_AXE = """async (rules) => {
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"],
    ...(rules.length ? { runOnly: rules } : {}),
    rules: { "target-size": { enabled: true } },
    iframes: false,
  });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\\n    ${node.html}\\n    ${node.failureSummary}`));
}"""

# Whatever sticks out to the right, of the page or of the box it is in, unless something scrolls or it is there for
# screen readers only.
STICKING_OUT = """() => {
  const { scrollingElement: page } = document;
  const wide = page.scrollWidth > page.clientWidth ? [`the page is ${page.scrollWidth} px wide`] : [];
  const right = (element) => element.getBoundingClientRect().right;
  const scrolls = (element) => element !== null && element !== page && element !== document.body &&
    (["auto", "scroll"].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  const edge = (element) => {
    const box = element.parentElement.closest("button, a, summary, td, th, li, dl, aside, .balie-card");
    return box === null ? page.clientWidth : Math.min(page.clientWidth, right(box));
  };
  const unseen = (element) => element.closest(".sr, [hidden], details:not([open]) > :not(summary)") !== null ||
    getComputedStyle(element).clipPath !== "none" || element.getClientRects().length === 0;
  const out = [...document.body.querySelectorAll("*")].filter((element) =>
    !unseen(element) && right(element) > edge(element) + 1 && !scrolls(element));
  return [...wide, ...out.map((element) => element.outerHTML.slice(0, 150))];
}"""

# How far what stood still on the screen jumped without anybody having done anything: the browser's own scores, with
# what moved most.
SHIFTS = """async (since) => {
  const entries = await new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => resolve(list.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => resolve(observer.takeRecords())));
  });
  const name = (node) => node === null ? "something that is gone" : (node.outerHTML ?? node.textContent).slice(0, 100);
  const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  return entries.filter((entry) => !entry.hadRecentInput && entry.startTime >= since).map((entry) => ({
    at: entry.startTime,
    score: entry.value,
    moved: entry.sources.map((each) => `${box(each.previousRect)} → ${box(each.currentRect)} ${name(each.node)}`),
  }));
}"""

# What takes a second or more to be filled is shown as the server wrote it (`balie-come` in styles/page.css), and then
# jumps: here by the speed of a machine that has others to serve. For `start` of a browsing context.
NOTE_UNFILLED = """addEventListener("animationstart", ({ animationName }) => {
  window.cameUnfilled ||= animationName === "balie-come";
}, true)"""
UNFILLED = "() => window.cameUnfilled === true"

# Of what is in it, however high the screen is.
HEIGHT = "() => document.body.offsetHeight"

# Nothing may still be fading in: axe would judge a colour that nobody is meant to read.
SETTLED = "() => Promise.allSettled(document.getAnimations().map((each) => each.finished))"

# What one sees of a page is the same for the same of these: all of it, what is typed, and how it is looked at. Tokens
# differ each time, and so do numbers, of which the width is much the same.
LIKENESS = """() => {
  const fields = [...document.querySelectorAll("input, select, textarea")];
  const typed = fields.map(({ value, checked }) => `${value} ${checked}`);
  const ways = ["(prefers-color-scheme: dark)", "print", "(prefers-reduced-motion: reduce)"];
  const how = [innerWidth, innerHeight, ...ways.map((way) => matchMedia(way).matches)];
  const whole = [...typed, document.documentElement.outerHTML].join("\\n");
  return `${how} ${getComputedStyle(document.documentElement).fontSize} ` +
    whole.replace(/[\\w-]{32,}/g, "token").replace(/[0-9]+/g, (digits) => "0".repeat(digits.length));
}"""

# By the protocol: no ticket yet, no forecast yet, no draw yet.
ANSWERS_BY_PROTOCOL = (r"404 GET /live/queue/\d+/ticket", r"40[49] GET /live/queue/\d+/(forecast|draw|seal)")
# A page that is left lets go of what it was loading.
LET_GO = "net::ERR_ABORTED"


@cache
def axe() -> str:
    """The source of axe-core; scripts/bootstrap installs it."""
    return AXE.read_text(encoding="utf-8")


_looked_at: set[bytes] = set()


class Eyes:
    """Watches one page for as long as it lives. What looked the same before, in this process, is not judged again."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._complaints: list[str] = []
        self._expected = list(ANSWERS_BY_PROTOCOL)
        self._likeness = b""
        page.on("console", self._hear)
        page.on("pageerror", self._take_error)
        page.on("response", self._take_response)
        page.on("requestfailed", self._take_failure)

    def expect(self, *patterns: str) -> None:
        """From now on these are no complaints: `409 POST /live/orders/1/hold`, `failed GET /stream/1`; as patterns."""
        self._expected += patterns

    async def look(self) -> None:
        """Everything, at the width of now and at every smaller one that must do.

        Once the page is there: what was asked for last may be true already of one that has only begun.
        """
        await self._page.wait_for_load_state()
        self.check_complaints()
        if not await self.is_new("look"):
            return
        size = self._page.viewport_size
        assert size is not None
        await self._unroll(size)
        await self.check_axe()
        await self.check_width()
        larger = await self.size_of_text() / USUAL_PX
        for width in (int(each * larger) for each in (ZOOMED, NARROWEST)):
            if width < size["width"]:
                await self._page.set_viewport_size({"width": width, "height": size["height"]})
                await self.check_width()
        await self._page.set_viewport_size(size)
        self.remember()

    async def is_new(self, how: str) -> bool:
        """Whether no such page was judged so before; `remember` once it was."""
        likeness = f"{how} {await self._page.evaluate(LIKENESS)}"
        self._likeness = hashlib.sha256(likeness.encode()).digest()
        return self._likeness not in _looked_at

    def remember(self) -> None:
        """That the page was well, as it was when `is_new` was asked last."""
        _looked_at.add(self._likeness)

    async def _unroll(self, size: ViewportSize) -> None:
        """All of the page at once: else axe finds that what sticks to the screen covers what one would scroll away."""
        height, whole = 0, size["height"]
        while height < whole:
            height = whole + STILL_TO_COME_PX
            await self._page.set_viewport_size({"width": size["width"], "height": height})
            await self._page.evaluate(SETTLED)
            whole = await self._page.evaluate(HEIGHT)

    async def check_axe(self, *rules: str) -> None:
        """Every rule, unless some are named."""
        if not await self._page.evaluate("() => 'axe' in window"):
            await self._page.evaluate(axe())
        violations = await self._page.evaluate(RUN_AXE, list(rules))
        assert not violations, "\n".join([self._page.url, *violations])

    async def size_of_text(self) -> float:
        """Of the root, in px: `USUAL_PX`, unless somebody set their text larger."""
        size: float = await self._page.evaluate("() => parseFloat(getComputedStyle(document.documentElement).fontSize)")
        return size

    async def now(self) -> float:
        """In ms since this page was opened, for `check_shift`."""
        now: float = await self._page.evaluate("() => performance.now()")
        return now

    async def check_shift(self, *, since: float = 0) -> None:
        """Nothing jumped by itself; not while it loaded either, unless it could not be filled in time."""
        if not since and await self._page.evaluate(UNFILLED):
            return
        shifts = await self._page.evaluate(SHIFTS, since)
        score = sum(shift["score"] for shift in shifts)
        words = [f"{shift['score']:.4f} at {shift['at']:.0f} ms: {'; '.join(shift['moved'])}" for shift in shifts]
        assert score < SHIFT_MOST, "\n".join([f"{self._page.url} shifted by {score:.3f}", *words])

    async def check_keyboard(self) -> None:
        """By Tab through all of it: the focus is seen, uncovered, and follows the page."""
        complaints = await walk(self._page)
        assert not complaints, "\n".join([self._page.url, *complaints])

    async def check_width(self) -> None:
        out = await self._page.evaluate(STICKING_OUT)
        assert not out, "\n".join([f"{self._page.url} at {self._page.viewport_size}", *out])

    def check_complaints(self) -> None:
        """Fails with what the browser complained of since the last time."""
        complaints, self._complaints = self._complaints, []
        assert not complaints, "\n".join(complaints)

    def _complain(self, what: str) -> None:
        if not any(re.match(pattern, what) for pattern in self._expected):
            self._complaints.append(what)

    def _hear(self, message: ConsoleMessage) -> None:
        # What could not be had is judged by its answer, see below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._complain(f"console: {message.text} ({message.location})")

    def _take_error(self, error: Error) -> None:
        self._complain(f"script: {error}")

    def _take_response(self, response: Response) -> None:
        if response.status >= 400:
            self._complain(f"{response.status} {_asked(response.request)}")

    def _take_failure(self, request: Request) -> None:
        if request.failure != LET_GO:
            self._complain(f"failed {_asked(request)}: {request.failure}")


def _asked(request: Request) -> str:
    return f"{request.method} /{request.url.split('/', 3)[3]}"

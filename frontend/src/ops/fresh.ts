/** Fetches the part of the page that changes; what did not change stays as it is, and with it whoever reads there. */

import { find, setText, show } from "../lib/dom.ts";
import { pause } from "../lib/live.ts";

const EVERY_MS = 3_000;
const WITHIN_MS = 2_500;

interface Places {
  place: HTMLElement;
  said: HTMLElement;
  stale: HTMLElement;
  address: string;
}

export async function keepFresh({ place, said, stale, address }: Places): Promise<void> {
  for (;;) {
    await pause(EVERY_MS);
    const text = await ask(address);
    show(stale, text === null);
    if (text !== null) paint(place, said, text);
  }
}

async function ask(address: string): Promise<string | null> {
  try {
    const answer = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(WITHIN_MS) });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

function paint(place: HTMLElement, said: HTMLElement, text: string): void {
  const before = find("[data-headline]", place).textContent ?? "";
  const next = [...new DOMParser().parseFromString(text, "text/html").body.children];
  const now = [...place.children];
  if (next.length !== now.length) place.replaceChildren(...next);
  else next.forEach((element, at) => now[at]?.isEqualNode(element) || replace(now[at]!, element));
  const headline = find("[data-headline]", place).textContent ?? "";
  if (headline === before) return;
  setText(said, headline);
  document.title = `${headline} – Balie`;
}

/** Where the reader has scrolled a picture sideways, it stays there; a part that has the focus waits for the next turn. */
function replace(old: Element, element: Element): void {
  if (old.contains(document.activeElement)) return;
  const scrolled = old.querySelector(".balie-graph-frame")?.scrollLeft ?? 0;
  old.replaceWith(element);
  const frame = element.querySelector(".balie-graph-frame");
  if (frame) frame.scrollLeft = scrolled;
}

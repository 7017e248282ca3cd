/**
 * Says what is closed, as soon as it is, and no longer than that. Streams say that something changed (`balie-functions`);
 * what that is for whom is asked, and asked now and then without them.
 */

import { find } from "../lib/dom.ts";
import { pause, spread } from "../lib/live.ts";
import { language } from "../lib/texts.ts";

const EVERY_MS = 4_000;
const WITHIN_MS = 4_000;
/** Another process may hear a change a little later than the one that told us. */
const AGAIN_MS = 1_000;

export interface Closed {
  practice: number | null;
  function: string;
  say: string;
  phone: string;
  until: string | null;
}

export interface Practice {
  name: string;
  phone: string;
}

/** Told to the page whenever it was looked; `all`: there is nobody left for whom it is open. */
export type ClosedEvent = CustomEvent<{ closed: string; all: boolean }>;

/** `place` is `practices/parts/closed.html`. */
export function watchClosed(place: HTMLElement): void {
  const what = place.dataset.closed ?? "";
  const practices = new Map<number, Practice>();
  const asked = new URLSearchParams();
  for (const each of place.querySelectorAll<HTMLElement>("[data-practice]")) {
    const { practice = "", name = "", phone = "" } = each.dataset;
    practices.set(Number(practice), { name, phone });
    asked.append("practice", practice);
  }
  if (place.dataset.campaign) asked.append("campaign", place.dataset.campaign);
  let shown = "";

  const look = async (): Promise<void> => {
    const found = await ask(asked);
    if (!found) return; // what we know stays
    const closed = found.filter((each) => each.function === what);
    dispatchEvent(new CustomEvent("balie-closed", { detail: { closed: what, all: closed.length >= Math.max(1, practices.size) } }));
    const now = JSON.stringify(closed);
    if (now === shown) return;
    shown = now;
    if (closed.length > 0) {
      const { notice } = await import("./closed_view.ts"); // most nights nobody needs it
      const { own } = place.dataset;
      find("[data-closed-say]", place).replaceChildren(...closed.map((each) => notice(each, practices.get(each.practice ?? 0), own)));
    }
    place.hidden = closed.length === 0;
  };
  const watch = async (): Promise<never> => {
    for (;;) {
      if (!document.hidden) await look();
      await pause(spread(EVERY_MS));
    }
  };
  addEventListener("balie-functions", () => void look().then(() => pause(AGAIN_MS)).then(look));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void look(); // a page that is being left asks nothing: its session may be over
  });
  void watch();
}

async function ask(about: URLSearchParams): Promise<Closed[] | null> {
  try {
    const headers = { "Accept-Language": language };
    const answer = await fetch(`/live/functions?${about}`, { headers, signal: AbortSignal.timeout(WITHIN_MS) });
    return answer.ok ? ((await answer.json()) as { closed: Closed[] }).closed : null;
  } catch {
    return null;
  }
}

/** Keeps the log of the night fresh: colleagues act from other screens. */

import { pause, spread } from "../../lib/live.ts";

const EVERY_MS = 10_000;

export async function watchLog(list: HTMLElement, url: string): Promise<never> {
  let shown = "";
  for (;;) {
    await pause(spread(EVERY_MS));
    const text = await read(url);
    if (text === null || text === shown) continue;
    shown = text;
    list.replaceChildren(...new DOMParser().parseFromString(text, "text/html").querySelectorAll("li"));
  }
}

/** The items as HTML; null when they could not be had, or when we are no longer logged in. */
async function read(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { redirect: "error" });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

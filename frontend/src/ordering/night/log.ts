/** Keeps what the server tells of the night fresh: colleagues act from other screens, and rounds are drawn. */

import { pause, spread } from "../../lib/live.ts";

const EVERY_MS = 10_000;

/** `onNews` is called when the log has become another one. */
export async function watchLog(list: HTMLElement, url: string, onNews: () => void): Promise<never> {
  let shown = "";
  for (;;) {
    await pause(spread(EVERY_MS));
    const text = await read(url);
    if (text === null || text === shown) continue;
    shown = text;
    list.replaceChildren(...parse(text).querySelectorAll("li"));
    onNews();
  }
}

/** What stands in `place`, anew. */
export async function renew(place: HTMLElement, url: string): Promise<void> {
  const text = await read(url);
  if (text !== null) place.replaceChildren(...parse(text).body.children);
}

function parse(text: string): Document {
  return new DOMParser().parseFromString(text, "text/html");
}

/** A part of the page as HTML; null when they could not be had, or when we are no longer logged in. */
async function read(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { redirect: "error" });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

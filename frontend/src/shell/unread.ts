/** How many conversations have something new, beside their name in the menu; asked now and then, while somebody looks. */

import { find, setText, show } from "../lib/dom.ts";
import { texts } from "./texts.ts";

const EVERY_MS = 60_000;
const WITHIN_MS = 4000;
const COUNTED = "balie:unread";
/** There is room for two figures; who hears it hears the number. */
const SHOWN_MOST = 99;

/** Where conversations are open they are counted without asking. */
export const tellUnread = (count: number): boolean => document.dispatchEvent(new CustomEvent(COUNTED, { detail: count }));

export function watchUnread(place: HTMLElement): void {
  let counted = false;
  document.addEventListener(COUNTED, (event) => {
    counted = true;
    showUnread(place, (event as CustomEvent<number>).detail);
  });
  const ask = async (): Promise<void> => {
    if (document.hidden || counted) return;
    const count = await howMany();
    if (count !== null && !counted) showUnread(place, count);
  };
  void ask();
  setInterval(() => void ask(), EVERY_MS);
  document.addEventListener("visibilitychange", () => void ask());
}

/** Null when nobody says. */
async function howMany(): Promise<number | null> {
  try {
    const answer = await fetch("/live/consult/unread", { signal: AbortSignal.timeout(WITHIN_MS) });
    return answer.ok ? ((await answer.json()) as { conversations: number }).conversations : null;
  } catch {
    return null;
  }
}

function showUnread(place: HTMLElement, count: number): void {
  setText(find("[data-count]", place), count > SHOWN_MOST ? `${SHOWN_MOST}+` : String(count));
  setText(find(".sr", place), texts.unread(count));
  show(place, count > 0);
}

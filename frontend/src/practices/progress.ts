/** How far the work on a file is: asked every second, spoken only when another step begins. */

import { find, setText } from "../lib/dom.ts";
import { pause } from "../lib/live.ts";

const EVERY_MS = 1_000;
const NOTHING_LEFT = 204;

export async function watchProgress(place: HTMLElement, said: HTMLElement, address: string): Promise<void> {
  for (;;) {
    await pause(EVERY_MS);
    const answer = await ask(address);
    if (answer === null) continue;
    if (answer.status === NOTHING_LEFT) break;
    paint(place, said, await answer.text());
  }
  location.reload();
}

async function ask(address: string): Promise<Response | null> {
  try {
    const answer = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(10_000) });
    return answer.ok ? answer : null;
  } catch {
    return null;
  }
}

function paint(place: HTMLElement, said: HTMLElement, text: string): void {
  const before = place.querySelector<HTMLElement>("[data-step]")?.dataset["step"];
  place.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
  const now = find("[data-step]", place);
  if (now.dataset["step"] !== before) setText(said, now.textContent ?? "");
}

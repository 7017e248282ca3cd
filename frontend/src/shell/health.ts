/** The header's word on how the service is: asked now and then, and only while somebody looks. */

import { icon, setText } from "../lib/dom.ts";
import { texts } from "../lib/texts.ts";

const EVERY_MS = 30_000;

export function watchHealth(place: HTMLElement): void {
  const read = async (): Promise<void> => {
    if (document.hidden) return;
    showHealth(place, await isHealthy());
  };
  void read();
  setInterval(() => void read(), EVERY_MS);
  document.addEventListener("visibilitychange", () => void read());
}

async function isHealthy(): Promise<boolean> {
  try {
    return (await fetch("/live/health", { signal: AbortSignal.timeout(4_000) })).ok;
  } catch {
    return false;
  }
}

function showHealth(place: HTMLElement, healthy: boolean): void {
  const words = place.querySelector("span:not(.balie-icon)");
  if (!words) return;
  place.classList.remove("balie-health--unknown");
  if (words.textContent === (healthy ? texts.healthy : texts.ill)) return;
  place.classList.toggle("balie-health--fault", !healthy);
  place.querySelector(".balie-icon")?.replaceWith(icon(healthy ? "circle-check" : "triangle-alert"));
  setText(words, healthy ? texts.healthy : texts.ill);
}

/** The countdown of the window, by the service's clock: seen every second, spoken only at 2:00, 1:00 and 0:15. */

import { markPassed, type ServiceClock } from "../lib/clock.ts";
import { find, setAttribute, setText, show } from "../lib/dom.ts";
import { formatCountdown, formatSeconds } from "../lib/format.ts";
import { texts } from "./texts.ts";

const ENDS_MS = 60_000;

export class WindowClock {
  readonly #service: ServiceClock;
  readonly #windowMs: number;
  readonly #onMark: (mark: number) => void;
  #expiresAt: string | null = null;
  #before = Infinity;

  constructor(service: ServiceClock, options: { window_s: number; onMark: (mark: number) => void }) {
    this.#service = service;
    this.#windowMs = options.window_s * 1000;
    this.#onMark = options.onMark;
  }

  /** The end of the window, in service time; null when none runs. Replacing a date keeps the end. */
  set(expiresAt: string | null): void {
    if (expiresAt === this.#expiresAt) return;
    this.#expiresAt = expiresAt;
    this.#before = Infinity;
    show(find("[data-clock]"), expiresAt !== null);
    if (expiresAt !== null) setText(find("[data-clock-end]"), texts.window.until(formatSeconds(expiresAt)));
    this.paint();
  }

  /** Milliseconds left, never below zero; null when no window runs. */
  get left(): number | null {
    return this.#expiresAt === null ? null : Math.max(0, this.#service.until(this.#expiresAt));
  }

  paint(): void {
    const left = this.left;
    if (left === null) return;
    const words = formatCountdown(left);
    for (const place of document.querySelectorAll("[data-clock-time]")) setText(place, words);
    const clock = find("[data-clock]");
    clock.classList.toggle("balie-clock--ends", left <= ENDS_MS);
    setAttribute(clock, "aria-label", texts.window.left(left));
    setAttribute(find("[data-clock-bar]"), "width", Math.min(100, (100 * left) / this.#windowMs).toFixed(1));
    const mark = this.#before === Infinity ? null : markPassed(this.#before, left);
    this.#before = left;
    if (mark !== null) this.#onMark(mark);
  }
}

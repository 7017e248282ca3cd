/** The buttons of staff. They are plain forms; this says beforehand what they will do, and asks for a reason in time. */

import { find, setText, show } from "../../lib/dom.ts";
import { formatNumber } from "../../lib/format.ts";
import type { NightNow } from "./events.ts";
import { texts } from "./texts.ts";
import { lastTurn } from "./verdict.ts";

export class Controls {
  readonly #pace = find<HTMLInputElement>("[data-pace]");
  readonly #ask = find("[data-pace-ask]");
  #set: number;
  #now: NightNow | null = null;

  /** `pace` is the one that is set. */
  constructor(pace: number) {
    this.#set = pace;
    this.#pace.addEventListener("input", () => this.#paint());
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-step]")) {
      button.addEventListener("click", () => this.#step(Number(button.dataset["step"])));
    }
    this.#paint();
  }

  take(now: NightNow): void {
    const untouched = this.#wanted === this.#set;
    this.#now = now;
    if (untouched && now.pace !== this.#set) this.#pace.value = String(now.pace);
    this.#set = now.pace;
    this.#paint();
    for (const place of document.querySelectorAll<HTMLElement>("[data-when]")) {
      show(place, (place.dataset["when"] === "paused") === now.paused);
    }
    setText(find("[data-say-button]"), texts.say(now.waiting, formatNumber(now.waiting)));
  }

  get #wanted(): number {
    return Number(this.#pace.value);
  }

  #step(by: number): void {
    const from = Number.isFinite(this.#wanted) ? this.#wanted : this.#set;
    this.#pace.value = String(Math.max(1, by > 0 && from === 1 ? by : from + by));
    this.#paint();
  }

  #paint(): void {
    const wanted = this.#wanted;
    show(this.#ask, wanted !== this.#set);
    setText(find("[data-pace-button]"), texts.setPace(formatNumber(wanted)));
    if (this.#now) setText(find("[data-pace-hint]"), lastTurn(this.#now, wanted));
  }
}

/** What the plots over time are made of: the minutes so far, then what we saw ourselves every few seconds. */

import type { Minute, NightNow } from "./events.ts";

export interface Sample {
  /** Milliseconds since 1970. */
  at: number;
  waiting: number;
  inside: number;
  /** In the minute before. */
  orders: number;
  mail: number;
}

const MINUTE_MS = 60_000;
const APART_MS = 5_000;
const KEPT_MS = 3 * 60 * MINUTE_MS;

export class Samples {
  #minutes: Sample[] = [];
  #seen: Sample[] = [];

  /** The whole past anew, at the start and after every reconnection. The last minute is not over yet and is left out. */
  setHistory(minutes: Minute[]): void {
    this.#minutes = minutes.slice(0, -1).map((minute) => ({
      at: Date.parse(minute.at) + MINUTE_MS,
      waiting: minute.waiting,
      inside: minute.inside,
      orders: minute.orders,
      mail: minute.mail_waiting,
    }));
    const until = this.#minutes.at(-1)?.at ?? 0;
    this.#seen = this.#seen.filter((sample) => sample.at > until);
  }

  add(now: NightNow): void {
    const sample = {
      at: Date.parse(now.wall),
      waiting: now.waiting,
      inside: now.inside,
      orders: now.orders_per_minute,
      mail: now.mail.waiting,
    };
    const [before, last] = this.#seen.slice(-2);
    // The newest is always shown; those behind it stand a few seconds apart.
    if (before && last && last.at - before.at < APART_MS) this.#seen.pop();
    this.#seen.push(sample);
    const oldest = sample.at - KEPT_MS;
    this.#minutes = this.#minutes.filter(({ at }) => at >= oldest);
    this.#seen = this.#seen.filter(({ at }) => at >= oldest);
  }

  all(): Sample[] {
    return [...this.#minutes, ...this.#seen];
  }
}

/** How the service and our connection to it are, told once per change: the clock stands still, or nothing is heard. */

import type { ServiceClock } from "../lib/clock.ts";
import { formatAge } from "../lib/format.ts";
import type { Failure } from "../lib/live.ts";
import type { Connection } from "../lib/stream.ts";
import type { Moments } from "./moments.ts";

export class Health {
  readonly #service: ServiceClock;
  readonly #moments: Moments;
  #connection: Connection | null = null;
  #still = false;

  constructor(service: ServiceClock, moments: Moments) {
    this.#service = service;
    this.#moments = moments;
  }

  take(connection: Connection, failure: Failure | null): void {
    this.#connection = connection;
    if (connection === "out" && failure?.code === "other_practice") this.#moments.otherPractice();
    else if (connection === "out") this.#moments.signedOut();
    else if (connection !== "lost" && !this.#still) this.#moments.clearService();
  }

  /**
   * `left` of our window and the `dates` held, for the words; `age` of what is shown, in milliseconds,
   * null before there is anything.
   *
   * Whether the clock stands still we only know while we hear something.
   */
  tell({ left, dates, age }: { left: number | null; dates: string; age: number | null }): void {
    if (this.#connection === "out") return;
    if (this.#connection === "lost") return this.#moments.connectionLost(age === null ? null : formatAge(age).replace(/,\d/, ""));
    const before = this.#still;
    this.#still = this.#service.still;
    if (this.#still) this.#moments.clockStill(dates);
    else if (before) this.#moments.clockRuns(left, dates);
  }
}

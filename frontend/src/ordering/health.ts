/** How the service and our connection to it are, told once per change: the clock stands still, or nothing is heard. */

import type { ServiceClock } from "../lib/clock.ts";
import { formatAge } from "../lib/format.ts";
import type { Failure } from "../lib/live.ts";
import type { Connection } from "../lib/stream.ts";
import type { Moments } from "./moments.ts";

export class Health {
  readonly #service: ServiceClock;
  readonly #moments: Moments;
  #lost = false;
  #still = false;

  constructor(service: ServiceClock, moments: Moments) {
    this.#service = service;
    this.#moments = moments;
  }

  take(connection: Connection, failure: Failure | null): void {
    this.#lost = connection === "lost";
    if (connection === "out" && failure?.code === "other_practice") this.#moments.otherPractice();
    else if (connection === "out") this.#moments.signedOut();
    else if (!this.#lost && !this.#still) this.#moments.clearService();
  }

  /** `left` of our window and the `dates` held, for the words; `age` of what is shown, in milliseconds. */
  tell({ left, dates, age }: { left: number | null; dates: string; age: number }): void {
    const still = this.#service.still;
    if (still !== this.#still) {
      this.#still = still;
      if (still) this.#moments.clockStill(dates);
      else this.#moments.clockRuns(left, dates);
    }
    if (this.#lost && !still) this.#moments.connectionLost(formatAge(age).replace(/,\d/, ""));
  }
}

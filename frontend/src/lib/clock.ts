/**
 * The service's clock in the browser. Windows and holds are judged by it; it stands still while the service is ill.
 *
 * Every answer and event carries the service's time. It reaches us late, never early, so of the recent ones the one
 * that puts the clock furthest ahead was underway the shortest, and is right to within that time.
 */

const MEMORY_MS = 15_000;

interface Sample {
  offset: number;
  at: number;
}

export class ServiceClock {
  #samples: Sample[] = [];
  #stoppedAt: number | null = null;
  readonly #monotonic: () => number;

  /** `monotonic` gives milliseconds that never jump; tests give their own. */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** Learn from a message: the service's time when it was sent, and whether that clock stands still. */
  update(message: { now: string; still: boolean }): void {
    const now = Date.parse(message.now);
    const at = this.#monotonic();
    if (message.still) {
      this.#stoppedAt = now;
      this.#samples = [];
      return;
    }
    if (this.#stoppedAt !== null) {
      this.#stoppedAt = null;
      this.#samples = [];
    }
    this.#samples = [...this.#samples.filter((sample) => at - sample.at < MEMORY_MS), { offset: now - at, at }];
  }

  get known(): boolean {
    return this.#stoppedAt !== null || this.#samples.length > 0;
  }

  get still(): boolean {
    return this.#stoppedAt !== null;
  }

  /** Service time in milliseconds since 1970; the computer's own until the first message. */
  now(): number {
    if (this.#stoppedAt !== null) return this.#stoppedAt;
    if (this.#samples.length === 0) return Date.now();
    return this.#monotonic() + Math.max(...this.#samples.map((sample) => sample.offset));
  }

  /** Milliseconds until a moment in service time; negative once it has passed. */
  until(moment: string): number {
    return Date.parse(moment) - this.now();
  }
}

/** When a countdown is spoken aloud; in between it is silent. */
export const SPOKEN_AT_MS = [120_000, 60_000, 15_000] as const;

/** The mark that was passed between two readings of a countdown, if any; the last one when several were. */
export function markPassed(before: number, after: number): (typeof SPOKEN_AT_MS)[number] | null {
  return SPOKEN_AT_MS.filter((mark) => before > mark && after <= mark).at(-1) ?? null;
}

/** A night for tests. */

import type { NightNow } from "./events.ts";

export function nightNow(changes: Partial<NightNow> = {}): NightNow {
  return {
    now: "2027-05-31T22:31:08.000Z",
    wall: "2027-05-31T22:31:09.000Z",
    still: false,
    arrivals: 4956,
    waiting: 3560,
    inside: 188,
    called: 1395,
    last: 4956,
    orders: 1198,
    doses: 812_340,
    doses_limit: 3_490_000,
    orders_auto: 0,
    orders_per_minute: 43,
    doses_per_minute: 29_000,
    mail: { waiting: 2, oldest_s: 4, accepted: 2394, expected: 2396 },
    oversold_days: 0,
    weeks: [
      { week: 38, limit: 1000, ordered: 1000, held: 0 },
      { week: 39, limit: 1000, ordered: 500, held: 100 },
    ],
    pace: 45,
    paused: false,
    closed: false,
    ...changes,
  };
}

/** What deliveries cost: so many stops of the lorry are free, and one at an address where it stops already is none. */

import type { HeldLine } from "../lib/live.ts";

export interface Cost {
  /** Where the lorry stops for the practice's other orders: days with locations. */
  stops: [string, number][];
  free: number;
  fee_cents: number;
}

/** What holding these lines would add, in cents. */
export function extraCents(cost: Cost, lines: readonly Pick<HeldLine, "day" | "location">[]): number {
  const known = new Set(cost.stops.map(([day, location]) => `${day} ${location}`));
  const all = new Set([...known, ...lines.map(({ day, location }) => `${day} ${location}`)]);
  const paid = (count: number): number => Math.max(0, count - cost.free);
  return cost.fee_cents * (paid(all.size) - paid(known.size));
}

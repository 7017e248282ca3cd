/** Whether an order fits on a day, in the four words that every screen uses. */

import type { Day, WantedLine } from "../lib/live.ts";

/** What one order takes of one day, at least one dose to one address. An address counts once, however many lines. */
export interface Need {
  doses: number;
  addresses: number;
}

/**
 * free: it fits now. held: it would fit if others let go of what they hold. small: something is left, too little for
 * this order. full: nothing is left.
 */
export type Fit = "free" | "held" | "small" | "full";

export function needOf(lines: readonly WantedLine[]): Need {
  return {
    doses: Math.max(1, lines.reduce((sum, line) => sum + line.doses, 0)),
    addresses: Math.max(1, new Set(lines.map((line) => line.location)).size),
  };
}

export function fitOn(day: Day, need: Need): Fit {
  const { doses, addresses } = day;
  if (doses.free >= need.doses && addresses.free >= need.addresses) return "free";
  if (doses.free + doses.held >= need.doses && addresses.free + addresses.held >= need.addresses) return "held";
  return doses.free > 0 && addresses.free > 0 ? "small" : "full";
}

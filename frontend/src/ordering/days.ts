/** What a delivery day means for one order. The waiting room and the calendar say it in the same words. */

import type { Capacity, Day } from "../lib/live.ts";

/** How much an order needs of the day it goes to: doses in all, and addresses the lorry stops at. */
export interface Need {
  doses: number;
  addresses: number;
}

/**
 * free: all of the order fits now; small: something is free, but too little; held: nothing is free, others may give
 * some back; full: nothing is left that may come back.
 */
export type DayState = "free" | "small" | "held" | "full";

export function needOf(lines: readonly { location: number; doses: number }[]): Need {
  return {
    doses: lines.reduce((sum, line) => sum + line.doses, 0),
    addresses: new Set(lines.map((line) => line.location)).size,
  };
}

export function stateOf(day: Day, need: Need): DayState {
  if (day.doses.free >= Math.max(1, need.doses) && day.addresses.free >= Math.max(1, need.addresses)) return "free";
  if (isGone(day.doses) || isGone(day.addresses)) return "full";
  return day.doses.free > 0 || day.addresses.free > 0 ? "small" : "held";
}

/** Ordered to the last: nothing free, nothing that may come back. */
export function isGone(capacity: Capacity): boolean {
  return capacity.free <= 0 && capacity.held <= 0;
}

/** The first day of a ranking that has room for all of an order now. */
export function firstFree(ranking: readonly string[], days: readonly Day[], need: Need): string | null {
  const known = new Map(days.map((day) => [day.day, day]));
  const fits = (wish: string): boolean => {
    const day = known.get(wish);
    return day !== undefined && stateOf(day, need) === "free";
  };
  return ranking.find(fits) ?? null;
}

/** The parts of a bar: what is free, what others hold; the rest is ordered. */
export function partsOf({ limit, free, held }: Capacity): [kind: string, share: number][] {
  if (limit <= 0) return [["taken", 1]];
  return [
    ["free", free / limit],
    ["held", held / limit],
    ["taken", Math.max(0, limit - free - held) / limit],
  ];
}

/** The months that have delivery days, as their first day: `2027-10-01`. */
export function monthsOf(days: readonly Day[]): string[] {
  return [...new Set(days.map((day) => `${day.day.slice(0, 7)}-01`))].sort();
}

/** The weeks, Monday to Friday, that have a working day in this month; days outside it included. */
export function weeksOf(month: string): string[][] {
  const weeks: string[][] = [];
  const monday = new Date(month);
  monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
  for (; ; monday.setUTCDate(monday.getUTCDate() + 7)) {
    const week = [0, 1, 2, 3, 4].map((offset) => addDays(monday, offset));
    if (week[0]!.slice(0, 7) > month.slice(0, 7)) return weeks;
    if (week.some((day) => day.slice(0, 7) === month.slice(0, 7))) weeks.push(week);
  }
}

function addDays(date: Date, days: number): string {
  const moved = new Date(date);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/** Delivery days in months and weeks, and what of each is free, held and ordered. */

import type { Capacity, Day } from "../lib/live.ts";

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

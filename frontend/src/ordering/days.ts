/** Delivery days in months and weeks, and what of each is free, held and ordered. */

import type { Capacity, Day } from "../lib/live.ts";
import { fitOn, type Fit, type Need } from "./capacity.ts";

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

/** The weeks, Monday to Friday, that touch this month and have a delivery day; days outside the month included. */
export function weeksOf(month: string, delivers: (day: string) => boolean): string[][] {
  const weeks: string[][] = [];
  const monday = new Date(month);
  monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
  for (; ; monday.setUTCDate(monday.getUTCDate() + 7)) {
    const week = [0, 1, 2, 3, 4].map((offset) => addDays(monday, offset));
    if (week[0]!.slice(0, 7) > month.slice(0, 7)) return weeks;
    if (week.some((day) => day.slice(0, 7) === month.slice(0, 7)) && week.some(delivers)) weeks.push(week);
  }
}

function addDays(date: Date, days: number): string {
  const moved = new Date(date);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/** A day as this practice sees it: `yours` is held for it until `until`; `rank` is its place on the practice's list. */
export interface OwnDay extends Day {
  state: Fit | "yours";
  until: string | null;
  rank: number | null;
}

/** The calendar seen through one order: what fits, what is held for it, what it wished for. */
export function ownDays(
  days: readonly Day[],
  order: { need: Need; held: readonly string[]; until: string | null; ranking: readonly string[] },
): Map<string, OwnDay> {
  return new Map(
    days.map((day) => {
      const state = order.held.includes(day.day) ? "yours" : fitOn(day, order.need);
      const place = order.ranking.indexOf(day.day);
      const until = state === "yours" ? order.until : null;
      return [day.day, { ...day, state, until, rank: place < 0 ? null : place + 1 }];
    }),
  );
}

/** The first wish that has room for all of the order now. */
export function firstWish(ranking: readonly string[], days: ReadonlyMap<string, OwnDay>): string | null {
  return ranking.find((wish) => days.get(wish)?.state === "free") ?? null;
}

/** The month to open with: of what is held, else of the first wish that is free, else of the first free day. */
export function monthToShow(days: ReadonlyMap<string, OwnDay>, ranking: readonly string[]): string | null {
  const all = [...days.values()];
  const day =
    all.find((each) => each.state === "yours")?.day ??
    firstWish(ranking, days) ??
    all.find((each) => each.state === "free")?.day ??
    all[0]?.day;
  return day ? `${day.slice(0, 7)}-01` : null;
}

/** The delivery day to which a key leads from another, in the whole calendar; null when it leads nowhere. */
export function dayByKey(days: readonly string[], from: string, key: string): string | null {
  const at = days.indexOf(from);
  switch (key) {
    case "ArrowLeft":
      return days[at - 1] ?? null;
    case "ArrowRight":
      return days[at + 1] ?? null;
    case "ArrowUp":
      return days.slice(0, Math.max(at, 0)).filter((day) => weekday(day) === weekday(from)).at(-1) ?? null;
    case "ArrowDown":
      return days.slice(at + 1).find((day) => weekday(day) === weekday(from)) ?? null;
    case "Home":
      return days.find((day) => mondayOf(day) === mondayOf(from)) ?? null;
    case "End":
      return days.filter((day) => mondayOf(day) === mondayOf(from)).at(-1) ?? null;
    case "PageDown":
      return days.find((day) => day.slice(0, 7) > from.slice(0, 7)) ?? null;
    case "PageUp": {
      const before = days.filter((day) => day.slice(0, 7) < from.slice(0, 7)).at(-1);
      return days.find((day) => day.slice(0, 7) === before?.slice(0, 7)) ?? null;
    }
    default:
      return null;
  }
}

function weekday(day: string): number {
  return new Date(day).getUTCDay();
}

function mondayOf(day: string): string {
  const date = new Date(day);
  return addDays(date, -((date.getUTCDay() + 6) % 7));
}

/** Our own list against the calendar as it is now. Pure. */

import type { Day, WantedLine } from "../lib/live.ts";
import { fitOn, needOf, type Fit } from "../ordering/capacity.ts";

export interface Wish {
  /** 1 is the first choice. */
  rank: number;
  day: string;
  /** `gone`: no longer a delivery day. */
  fit: Fit | "gone";
}

export function judgeWishes(ranking: readonly string[], days: readonly Day[], lines: readonly WantedLine[]): Wish[] {
  const need = needOf(lines);
  const calendar = new Map(days.map((day) => [day.day, day]));
  return ranking.map((day, at) => {
    const found = calendar.get(day);
    return { rank: at + 1, day, fit: found ? fitOn(found, need) : "gone" };
  });
}

export function firstFreeWish(wishes: readonly Wish[]): Wish | null {
  return wishes.find((wish) => wish.fit === "free") ?? null;
}

/** What will probably be free at our number's turn, from the forecast that is the same for everybody. Pure. */

import type { Forecast } from "../lib/live.ts";

export type Chance = "full" | "hardly" | "small" | "good" | "free";

export interface WeekOutlook {
  week: number;
  from: string;
  to: string;
  /** Share of the week's doses that is almost certainly free, and that may be. */
  low: number;
  high: number;
  chance: Chance;
  /** Places of this week's days on our own list: 1 is the first choice. */
  wishes: number[];
}

export function outlook(forecast: Forecast, number: number, ranking: readonly string[]): WeekOutlook[] {
  return forecast.weeks.map(({ week, from, to, free_low, free_high }) => {
    const low = interpolate(forecast.at, free_low, number);
    const high = Math.max(low, interpolate(forecast.at, free_high, number));
    const wishes = ranking.flatMap((day, at) => (from <= day && day <= to ? [at + 1] : []));
    return { week, from, to, low, high, chance: chanceOf(low, high), wishes };
  });
}

/** The value at `x` on the line through the points (xs, ys); flat beyond its ends. `xs` ascends. */
export function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const right = xs.findIndex((point) => point >= x);
  if (right === -1) return ys.at(-1) ?? 0;
  const [x1, y1] = [xs[right] ?? 0, ys[right] ?? 0];
  if (right === 0 || x1 === x) return y1;
  const [x0, y0] = [xs[right - 1] ?? 0, ys[right - 1] ?? 0];
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

function chanceOf(low: number, high: number): Chance {
  if (high < 0.005) return "full";
  if (low < 0.02 && high < 0.1) return "hardly";
  if (low < 0.15) return "small";
  return low < 0.5 ? "good" : "free";
}

/** The night in one line, and when it will be over. */

import { formatDuration, formatMinutes, formatNumber } from "../../lib/format.ts";
import type { NightNow } from "./events.ts";
import { texts } from "./texts.ts";

export type VerdictKind = "oversold" | "still" | "paused" | "empty" | "gathering" | "running" | "done" | "closed";

export function verdictOf(now: NightNow): VerdictKind {
  if (now.oversold_days > 0) return "oversold";
  if (now.still) return "still";
  if (now.closed) return "closed";
  if (now.last === 0) return now.arrivals > 0 ? "gathering" : "empty";
  if (isDone(now)) return "done";
  return now.paused ? "paused" : "running";
}

/** Everybody was called, and who is left inside has not done anything for a while: some never come. */
function isDone(now: NightNow): boolean {
  const quiet = now.orders > 0 && now.orders_per_minute === 0 && now.weeks.every(({ held }) => held === 0);
  return now.waiting === 0 && (now.inside === 0 || quiet);
}

export function headline(now: NightNow): string {
  const words: Record<VerdictKind, () => string> = {
    oversold: () => texts.headline.oversold(formatNumber(now.oversold_days)),
    still: () => texts.headline.still,
    paused: () => texts.headline.paused(formatNumber(now.waiting)),
    empty: () => texts.headline.empty,
    gathering: () => texts.headline.gathering(formatNumber(now.arrivals)),
    running: () => texts.headline.running(formatNumber(now.orders_per_minute)),
    closed: () => texts.headline.closed(formatNumber(now.orders)),
    done: () => texts.headline.done(formatNumber(now.orders)),
  };
  return words[verdictOf(now)]();
}

/** When the last practice is called at this pace, in words. */
export function lastTurn(now: NightNow, pace: number): string {
  const ahead = now.last === 0 ? now.arrivals : now.last - now.called;
  if (ahead === 0 && now.waiting === 0) return texts.lastTurn.nobody;
  if (!(pace > 0)) return "";
  // Who belongs in a later round has no number yet.
  if (ahead === 0) return texts.lastTurn.afterDraw(formatDuration((now.waiting / pace) * 60_000));
  const span = (ahead / pace) * 60_000;
  if (now.last === 0) return texts.lastTurn.afterDraw(formatDuration(span));
  if (now.paused || now.still) return texts.lastTurn.afterPause(formatDuration(span));
  return texts.lastTurn.at(formatMinutes(Date.parse(now.wall) + span));
}

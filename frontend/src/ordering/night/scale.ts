/** Axes that people can read: round numbers, whole minutes. */

const ROUND = [1, 2, 2.5, 4, 5, 10];
const TIME_STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120];
const MINUTE_MS = 60_000;

/** The lowest round number that is at least `highest` and at least 2, and whose half is whole. */
export function niceTop(highest: number): number {
  const wanted = Math.max(2, highest);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const tops = ROUND.map((factor) => factor * power);
  return tops.find((top) => top >= wanted && Number.isInteger(top / 2)) ?? 10 * power;
}

/** At most `most` moments on whole minutes between two moments, in milliseconds since 1970. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const minutes = (to - from) / MINUTE_MS;
  const step = MINUTE_MS * (TIME_STEPS_MIN.find((each) => minutes / each < most) ?? 240);
  const ticks = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}

/** A linear map from one range to another; a range without length maps to the start. */
export function linear(from: [number, number], to: [number, number]): (value: number) => number {
  const length = from[1] - from[0];
  return (value) => to[0] + (length === 0 ? 0 : ((value - from[0]) / length) * (to[1] - to[0]));
}

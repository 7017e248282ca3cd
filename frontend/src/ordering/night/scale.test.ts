import { describe, expect, it } from "vitest";
import { linear, niceTop, timeTicks } from "./scale.ts";

describe("niceTop", () => {
  it.each([
    [0, 2],
    [1, 2],
    [3, 4],
    [5, 10],
    [22, 40],
    [43, 50],
    [50, 50],
    [51, 100],
    [180, 200],
    [210, 250],
    [4956, 5000],
    [9999, 10_000],
  ])("of %i is %i", (highest, top) => expect(niceTop(highest)).toBe(top));
});

describe("timeTicks", () => {
  const start = Date.parse("2027-05-31T21:00:00Z");
  const minutes = (count: number): number => start + count * 60_000;
  it("stand on whole steps", () => {
    expect(timeTicks(minutes(0), minutes(91), 4)).toEqual([0, 30, 60, 90].map(minutes));
    expect(timeTicks(minutes(-3), minutes(26), 4)).toEqual([0, 10, 20].map(minutes));
    expect(timeTicks(minutes(0.5), minutes(2.4), 4)).toEqual([1, 2].map(minutes));
  });
  it("are never more than asked", () => {
    for (let length = 1; length < 700; length += 7) {
      expect(timeTicks(minutes(0.3), minutes(0.3 + length), 4).length).toBeLessThanOrEqual(4);
    }
  });
  it("may be none", () => expect(timeTicks(minutes(0.1), minutes(0.2), 4)).toEqual([]));
});

describe("linear", () => {
  it("maps a range", () => expect(linear([0, 10], [100, 0])(2.5)).toBe(75));
  it("maps a range without length to the start", () => expect(linear([5, 5], [40, 300])(5)).toBe(40));
});

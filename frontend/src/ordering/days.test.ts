import { describe, expect, it } from "vitest";
import type { Day } from "../lib/live.ts";
import { dayByKey, firstWish, monthsOf, monthToShow, ownDays, partsOf, weeksOf } from "./days.ts";

const day = (date: string, free = 0): Day => ({
  day: date,
  doses: { limit: 70_000, free: free * 1000, held: 0 },
  addresses: { limit: 112, free, held: 0 },
});
const need = { doses: 740, addresses: 1 };

describe("partsOf", () => {
  it("adds up to the whole bar", () => {
    expect(partsOf({ limit: 100, free: 25, held: 5 })).toEqual([["free", 0.25], ["held", 0.05], ["taken", 0.7]]);
    expect(partsOf({ limit: 0, free: 0, held: 0 })).toEqual([["taken", 1]]);
  });
});

describe("weeksOf", () => {
  it("shows whole weeks", () => {
    const weeks = weeksOf("2027-10-01", () => true);
    expect(weeks).toHaveLength(5);
    expect(weeks[0]).toEqual(["2027-09-27", "2027-09-28", "2027-09-29", "2027-09-30", "2027-10-01"]);
    expect(weeks[4]![4]).toBe("2027-10-29");
  });
  it("leaves out a week whose only days in the month are a weekend", () => {
    expect(weeksOf("2027-05-01", () => true)[0]![0]).toBe("2027-05-03");
  });
  it("leaves out weeks without a delivery day", () => {
    expect(weeksOf("2027-10-01", (each) => each === "2027-10-12").map((week) => week[0])).toEqual(["2027-10-11"]);
  });
  it("knows the months that have days", () => {
    expect(monthsOf([day("2027-11-01"), day("2027-10-12")])).toEqual(["2027-10-01", "2027-11-01"]);
  });
});

describe("ownDays", () => {
  const days = [day("2027-09-28"), day("2027-10-12", 9), day("2027-11-02", 9)];
  it("marks what is ours and what we wished", () => {
    const own = ownDays(days, { need, held: ["2027-09-28"], until: null, ranking: ["2027-10-12", "2027-09-28"] });
    expect([...own.values()].map(({ state, rank }) => [state, rank])).toEqual([["yours", 2], ["free", 1], ["free", null]]);
  });
  it("finds the first wish by the ranking, not by the calendar", () => {
    const own = ownDays(days, { need, held: [], until: null, ranking: [] });
    expect(firstWish(["2027-09-28", "2027-11-02", "2027-10-12"], own)).toBe("2027-11-02");
    expect(firstWish(["2027-10-13"], own)).toBeNull();
  });
  it("opens with the month that matters", () => {
    const see = (held: string[], ranking: string[]) => monthToShow(ownDays(days, { need, held, until: null, ranking }), ranking);
    expect(see(["2027-09-28"], ["2027-11-02"])).toBe("2027-09-01");
    expect(see([], ["2027-11-02"])).toBe("2027-11-01");
    expect(see([], [])).toBe("2027-10-01");
    expect(monthToShow(new Map(), [])).toBeNull();
  });
});

describe("dayByKey", () => {
  const days = ["2027-09-28", "2027-09-30", "2027-10-05", "2027-10-07", "2027-10-12", "2027-11-02"];
  it.each([
    ["2027-09-30", "ArrowRight", "2027-10-05"],
    ["2027-09-30", "ArrowLeft", "2027-09-28"],
    ["2027-09-28", "ArrowLeft", null],
    ["2027-09-28", "ArrowDown", "2027-10-05"],
    ["2027-10-12", "ArrowDown", "2027-11-02"],
    ["2027-11-02", "ArrowDown", null],
    ["2027-10-12", "ArrowUp", "2027-10-05"],
    ["2027-10-07", "Home", "2027-10-05"],
    ["2027-10-05", "End", "2027-10-07"],
    ["2027-09-28", "PageDown", "2027-10-05"],
    ["2027-11-02", "PageUp", "2027-10-05"],
    ["2027-09-28", "PageUp", null],
    ["2027-09-28", "a", null],
  ])("from %s by %s to %s", (from, key, to) => expect(dayByKey(days, from, key)).toBe(to));
});

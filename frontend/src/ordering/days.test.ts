import { describe, expect, it } from "vitest";
import type { Day } from "../lib/live.ts";
import { monthsOf, partsOf, weeksOf } from "./days.ts";

const day = (date: string): Day => ({
  day: date,
  doses: { limit: 70_000, free: 0, held: 0 },
  addresses: { limit: 112, free: 0, held: 0 },
});

describe("partsOf", () => {
  it("adds up to the whole bar", () => {
    expect(partsOf({ limit: 100, free: 25, held: 5 })).toEqual([["free", 0.25], ["held", 0.05], ["taken", 0.7]]);
    expect(partsOf({ limit: 0, free: 0, held: 0 })).toEqual([["taken", 1]]);
  });
});

describe("weeksOf", () => {
  it("shows whole weeks", () => {
    const weeks = weeksOf("2027-10-01");
    expect(weeks).toHaveLength(5);
    expect(weeks[0]).toEqual(["2027-09-27", "2027-09-28", "2027-09-29", "2027-09-30", "2027-10-01"]);
    expect(weeks[4]![4]).toBe("2027-10-29");
  });
  it("leaves out a week whose only days in the month are a weekend", () => {
    expect(weeksOf("2027-05-01")[0]![0]).toBe("2027-05-03");
  });
  it("knows the months that have days", () => {
    expect(monthsOf([day("2027-11-01"), day("2027-10-12")])).toEqual(["2027-10-01", "2027-11-01"]);
  });
});

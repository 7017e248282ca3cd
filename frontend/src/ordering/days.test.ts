import { describe, expect, it } from "vitest";
import type { Day } from "../lib/live.ts";
import { firstFree, monthsOf, needOf, partsOf, stateOf, weeksOf } from "./days.ts";

const day = (doses: [number, number], addresses: [number, number], date = "2027-10-12"): Day => ({
  day: date,
  doses: { limit: 70_000, free: doses[0], held: doses[1] },
  addresses: { limit: 112, free: addresses[0], held: addresses[1] },
});
const need = { doses: 740, addresses: 1 };

describe("stateOf", () => {
  it.each([
    ["free", day([740, 0], [1, 0])],
    ["small", day([730, 9000], [5, 0])],
    ["small", day([2900, 1100], [0, 3])],
    ["held", day([0, 1440], [0, 2])],
    ["full", day([0, 0], [4, 4])],
    ["full", day([2900, 0], [0, 0])],
  ])("%s", (state, given) => expect(stateOf(given as Day, need)).toBe(state));

  it("counts addresses once each", () => {
    const lines = [
      { location: 1, doses: 300 },
      { location: 1, doses: 90 },
      { location: 2, doses: 350 },
    ];
    expect(needOf(lines)).toEqual({ doses: 740, addresses: 2 });
    expect(stateOf(day([740, 0], [1, 0]), needOf(lines))).toBe("small");
  });

  it("asks for one dose to one address when the order is not known", () => {
    expect(stateOf(day([0, 0], [0, 0]), { doses: 0, addresses: 0 })).toBe("full");
    expect(stateOf(day([1, 0], [1, 0]), { doses: 0, addresses: 0 })).toBe("free");
  });
});

describe("firstFree", () => {
  const days = [day([0, 0], [0, 0], "2027-09-28"), day([9320, 0], [15, 0]), day([9320, 0], [15, 0], "2027-10-19")];
  it("follows the ranking, not the calendar", () => {
    expect(firstFree(["2027-09-28", "2027-10-19", "2027-10-12"], days, need)).toBe("2027-10-19");
  });
  it("knows no days outside the calendar", () => expect(firstFree(["2027-10-13"], days, need)).toBeNull());
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
    expect(monthsOf([day([0, 0], [0, 0], "2027-11-01"), day([0, 0], [0, 0])])).toEqual(["2027-10-01", "2027-11-01"]);
  });
});

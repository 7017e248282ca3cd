import { describe, expect, it } from "vitest";
import * as format from "./format.ts";

describe("moments, in the Netherlands wherever the computer stands", () => {
  it("writes times with dots", () => {
    expect(format.formatSeconds("2027-05-31T21:40:18.000Z")).toBe("23.40.18");
    expect(format.formatMinutes("2027-05-31T22:31:00.000Z")).toBe("00.31");
  });
  it("follows summer time", () => {
    expect(format.formatMinutes("2027-01-31T22:31:00.000Z")).toBe("23.31");
  });
});

describe("days", () => {
  it("writes days in words", () => {
    expect(format.formatDay("2027-10-12")).toBe("dinsdag 12 oktober");
    expect(format.formatDate("2027-10-12")).toBe("12 oktober");
    expect(format.formatMonth("2027-10-12")).toBe("oktober 2027");
    expect(format.capitalise(format.formatDay("2027-10-12"))).toBe("Dinsdag 12 oktober");
  });
  it("knows on which day a moment falls", () => {
    expect(format.dayOf("2027-06-30T22:00:00.000Z")).toBe("2027-07-01");
  });
  it("writes weeks", () => {
    expect(format.formatDays("2027-09-20", "2027-09-24")).toBe("20–24 sep");
    expect(format.formatDays("2027-09-27", "2027-10-01")).toBe("27 sep–1 okt");
    expect(format.weekOf("2027-09-28")).toBe(39);
    expect(format.weekOf("2027-01-01")).toBe(53);
    expect(format.weekOf("2026-12-31")).toBe(53);
    expect(format.weekOf("2024-12-30")).toBe(1);
  });
});

describe("amounts", () => {
  it.each([
    [640, "640"],
    [1284, "1.284"],
    [1234567, "1.234.567"],
  ])("writes %i as %s", (value, expected) => expect(format.formatNumber(value)).toBe(expected));

  it.each([
    [1_182_000, "19 min 42 s"],
    [41_200, "42 s"],
    [3_900_000, "1 uur 5 min"],
    [-5, "0 s"],
    [5 * 86_400_000, "5 dagen"],
  ])("writes %i ms as %s", (value, expected) => expect(format.formatDuration(value)).toBe(expected));

  it.each([
    [227_000, "3:47"],
    [226_001, "3:47"],
    [9_000, "0:09"],
    [1, "0:01"],
    [0, "0:00"],
    [-4_000, "0:00"],
  ])("counts %i ms down as %s", (value, expected) => expect(format.formatCountdown(value)).toBe(expected));

  it.each([
    [312, "0,3 s"],
    [9_960, "9 s"],
    [42_000, "42 s"],
    [200_000, "3 min"],
  ])("writes an age of %i ms as %s", (value, expected) => expect(format.formatAge(value)).toBe(expected));
});

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

type Format = typeof import("./format.ts");
let format: Format;

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: { lang: "en" } });
  vi.resetModules();
  format = await import("./format.ts");
});

afterAll(() => vi.unstubAllGlobals());

describe("on an English page", () => {
  it("writes numbers, times and days as its readers do", () => {
    expect(format.formatNumber(1284)).toBe("1,284");
    expect(format.formatSeconds("2027-05-31T21:40:18.000Z")).toBe("23:40:18");
    expect(format.formatMinutes("2027-05-31T22:31:00.000Z")).toBe("00:31");
    expect(format.formatDay("2027-10-12")).toBe("Tuesday 12 October");
    expect(format.formatShortWeekday("2027-10-12")).toBe("Tue");
    expect(format.formatDays("2027-09-27", "2027-10-01")).toBe("27 Sept–1 Oct");
  });
  it("writes spans and ranks", () => {
    expect(format.formatDuration(65 * 60_000)).toBe("1 h 5 min");
    expect(format.formatDuration(50 * 3_600_000)).toBe("2 days");
    expect(format.formatSpan(300)).toBe("5 minutes");
    expect(format.formatAge(400)).toBe("0.4 s");
    expect([1, 2, 3, 4, 11, 12, 22].map(format.formatOrdinal)).toEqual(["1st", "2nd", "3rd", "4th", "11th", "12th", "22nd"]);
  });
});

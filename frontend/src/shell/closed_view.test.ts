import { expect, it } from "vitest";
import { sayUntil } from "./closed_view.ts";

const FRIDAY_EVENING = Date.parse("2026-11-27T17:30:00Z");

it("says the time at which it opens today, and the day when it is another", () => {
  expect(sayUntil("2026-11-27T19:00:00.000Z", FRIDAY_EVENING)).toBe("Open vanaf 20.00 uur.");
  expect(sayUntil("2026-11-30T07:00:00.000Z", FRIDAY_EVENING)).toBe("Open vanaf maandag 08.00 uur.");
});

it("knows that a day begins at midnight in the Netherlands", () => {
  expect(sayUntil("2026-11-27T23:30:00.000Z", FRIDAY_EVENING)).toBe("Open vanaf zaterdag 00.30 uur.");
});

import { describe, expect, it } from "vitest";
import { nextStep } from "./steps.ts";

describe("nextStep", () => {
  it.each([
    [650, 10, 660],
    [655, 10, 660],
    [655, -10, 650],
    [650, -10, 640],
    [5, -10, 0],
    [0, -10, 0],
    [0, 50, 50],
  ])("from %i by %i is %i", (value, step, expected) => expect(nextStep(value, step)).toBe(expected));
});

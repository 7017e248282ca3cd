import { expect, it } from "vitest";
import { type Area, CENTRE, LEAST, nudged, spanned } from "./area.ts";

const rounded = (area: Area): number[] => [area.left, area.top, area.width, area.height].map((each) => Math.round(each * 100));

it("lies between two corners, in whatever direction one drew", () => {
  expect(rounded(spanned({ x: 0.8, y: 0.1 }, { x: 0.2, y: 0.6 }))).toEqual([20, 10, 60, 50]);
});

it("stays within the photo, and is never nothing", () => {
  expect(rounded(spanned({ x: -1, y: 0.5 }, { x: 2, y: 3 }))).toEqual([0, 50, 100, 50]);
  expect(rounded(spanned({ x: 1, y: 1 }, { x: 1, y: 1 }))).toEqual([96, 96, 4, 4]);
});

it("goes with the arrows, and grows with Shift", () => {
  expect(rounded(nudged(CENTRE, "ArrowLeft", false)!)).toEqual([33, 35, 30, 30]);
  expect(rounded(nudged(CENTRE, "ArrowDown", true)!)).toEqual([35, 35, 30, 32]);
  expect(nudged(CENTRE, "a", false)).toBeNull();
});

it("stops at every edge", () => {
  let area: Area = CENTRE;
  for (let press = 0; press < 100; press += 1) area = nudged(area, "ArrowRight", false)!;
  expect(rounded(area)).toEqual([70, 35, 30, 30]);
  for (let press = 0; press < 100; press += 1) area = nudged(area, "ArrowUp", true)!;
  expect(area.height).toBe(LEAST);
  for (let press = 0; press < 100; press += 1) area = nudged(area, "ArrowDown", true)!;
  expect(rounded(area)).toEqual([70, 35, 30, 65]);
});

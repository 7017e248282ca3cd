import { expect, it } from "vitest";
import { interpolate, outlook } from "./forecast.ts";

it.each([
  [0, 1],
  [1, 1],
  [250, 0.7],
  [500, 0.4],
  [9000, 0.1],
])("at number %i the line through the points gives %f", (number, expected) => {
  expect(interpolate([1, 499, 501, 1000], [1, 0.4, 0.4, 0.1], number)).toBeCloseTo(expected, 2);
});

it("says each week's chance in words, with our own wishes", () => {
  const week = (at: number, low: number, high: number): Parameters<typeof outlook>[0]["weeks"][number] => ({
    week: 37 + at,
    from: `2027-10-0${at}`,
    to: `2027-10-0${at}`,
    free_low: [low],
    free_high: [high],
  });
  const shares: [number, number][] = [
    [0, 0],
    [0, 0.08],
    [0.04, 0.26],
    [0.26, 0.46],
    [0.58, 0.74],
  ];
  const forecast = {
    campaign: 1,
    made_at: "",
    at: [1],
    weeks: shares.map(([low, high], at) => week(at + 1, low, high)),
  };
  const found = outlook(forecast, 1284, ["2027-10-02", "2027-10-04", "2027-10-02"]);
  expect(found.map(({ chance }) => chance)).toEqual(["full", "hardly", "small", "good", "free"]);
  expect(found.map(({ wishes }) => wishes)).toEqual([[], [1, 3], [], [2], []]);
});

it("never lets the hopeful share be the smaller one", () => {
  const weeks = [{ week: 39, from: "2027-09-27", to: "2027-10-01", free_low: [0.5], free_high: [0.4] }];
  expect(outlook({ campaign: 1, made_at: "", at: [1], weeks }, 7, [])[0]).toMatchObject({ low: 0.5, high: 0.5 });
});

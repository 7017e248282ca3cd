import { expect, it } from "vitest";
import type { Day } from "../lib/live.ts";
import { firstFreeWish, judgeWishes } from "./wishes.ts";

const day = (name: string, free: number, addresses = 3): Day => ({
  day: name,
  doses: { limit: 70_000, free, held: 0 },
  addresses: { limit: 112, free: addresses, held: 0 },
});
const days = [day("2027-09-28", 0, 0), day("2027-09-30", 600), day("2027-10-12", 740, 1), day("2027-10-19", 9000)];
const lines = [
  { product: 1, location: 9, doses: 650 },
  { product: 2, location: 9, doses: 90 },
];

it("judges each wish in the order of the list", () => {
  const wishes = judgeWishes(["2027-09-28", "2027-12-25", "2027-09-30", "2027-10-19", "2027-10-12"], days, lines);
  expect(wishes.map(({ fit }) => fit)).toEqual(["full", "gone", "small", "free", "free"]);
  expect(firstFreeWish(wishes)).toEqual({ rank: 4, day: "2027-10-19", fit: "free" });
});

it("finds nothing when nothing is free", () => {
  expect(firstFreeWish(judgeWishes(["2027-09-28"], days, lines))).toBeNull();
});

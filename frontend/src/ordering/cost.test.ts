import { expect, test } from "vitest";
import { extraCents, type Cost } from "./cost.ts";

const cost: Cost = {
  stops: [
    ["2027-10-04", 1],
    ["2027-10-11", 1],
  ],
  free: 3,
  fee_cents: 4000,
};
const at = (day: string, location = 1) => ({ day, location });

test("what is still free costs nothing", () => {
  expect(extraCents(cost, [at("2027-10-12")])).toBe(0);
});

test("each stop beyond that costs the fee", () => {
  expect(extraCents(cost, [at("2027-10-12"), at("2027-10-13")])).toBe(4000);
  expect(extraCents(cost, [at("2027-10-12"), at("2027-10-12", 2), at("2027-10-13")])).toBe(8000);
});

test("where the lorry stops already nothing is added, nor for a second vaccine", () => {
  expect(extraCents({ ...cost, free: 0 }, [at("2027-10-04"), at("2027-10-04")])).toBe(0);
  expect(extraCents({ ...cost, free: 2 }, [at("2027-10-12"), at("2027-10-12")])).toBe(4000);
});

test("nothing held costs nothing, also where more was ordered than is free", () => {
  expect(extraCents({ ...cost, free: 1 }, [])).toBe(0);
});

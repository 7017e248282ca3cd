import { expect, it } from "vitest";
import { Arrivals } from "./arrivals.ts";

const queue = (...ids: string[]): { id: string }[] => ids.map((id) => ({ id }));

it("hears who comes, and not who was there", () => {
  const arrivals = new Arrivals();
  expect(arrivals.heard(queue("a", "b"))).toBe(false);
  expect(arrivals.heard(queue("b"))).toBe(false);
  expect(arrivals.heard(queue("c", "b"))).toBe(true);
  expect(arrivals.heard(queue("c", "b"))).toBe(false);
});

it("does not hear one that is put back", () => {
  const arrivals = new Arrivals();
  arrivals.heard(queue());
  expect(arrivals.heard(queue("a"))).toBe(true);
  arrivals.heard(queue());
  expect(arrivals.heard(queue("a"))).toBe(false);
});

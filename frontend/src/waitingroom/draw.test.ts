import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PublishedDraw } from "../lib/live.ts";
import { drawNumbers, fromHex, verifyDraw, type DrawChecks } from "./draw.ts";

interface Case {
  name: string;
  draw: PublishedDraw;
  fault: keyof DrawChecks | "form" | null;
  numbers?: Record<string, number>;
  claim?: { ticket: string; number: number };
}

const url = new URL("../../../docs/spec/vectors/draw.json", import.meta.url);
const cases = (JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] }).cases;

describe("the vectors that Python reads too", () => {
  it.each(cases.filter((each) => each.fault === null))("$name", async ({ draw, numbers = {} }) => {
    const order = await drawNumbers(fromHex(draw.seed), fromHex(draw.beacon?.value ?? ""), draw.tickets);
    expect(Object.fromEntries(order.map((ticket, at) => [ticket, at + 1]))).toEqual(numbers);
    for (const [ticket, number] of Object.entries(numbers)) {
      expect(await verifyDraw(draw, { ticket, number })).toMatchObject({ number, right: true });
    }
  });

  it.each(cases.filter((each) => each.fault !== null && each.fault !== "form"))("$name", async (each) => {
    const own = each.claim ?? { ticket: each.draw.tickets[0] ?? "", number: 1 };
    const result = await verifyDraw(each.draw, own);
    expect(result.checks[each.fault as keyof DrawChecks]).toBe(false);
    expect(result.right).toBe(false);
  });

  it.each(cases.filter((each) => each.fault === "form"))("$name", async ({ draw }) => {
    await expect(verifyDraw(draw, { ticket: "", number: 1 })).rejects.toThrow();
  });
});

it("refuses a seal that is not the one this browser saw beforehand", async () => {
  const { draw, numbers = {} } = cases.find((each) => each.fault === null) as Case;
  const [ticket = "", number = 0] = Object.entries(numbers)[0] ?? [];
  expect((await verifyDraw(draw, { ticket, number }, draw.seed_hash)).right).toBe(true);
  const result = await verifyDraw(draw, { ticket, number }, "00".repeat(32));
  expect(result.checks.seal).toBe(false);
});

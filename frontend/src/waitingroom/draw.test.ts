import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PublishedDraw } from "../lib/live.ts";
import { drawNumbers, fromHex, verifyDraw, type DrawChecks, type RoundResult } from "./draw.ts";

interface Case {
  name: string;
  draw: PublishedDraw;
  fault: keyof DrawChecks | "form" | null;
  numbers?: Record<string, number>;
  claim?: { ticket: string; number: number };
}

const url = new URL("../../../docs/spec/vectors/draw.json", import.meta.url);
const cases = (JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] }).cases;

const roundOfTicket = ({ rounds }: PublishedDraw, ticket: string): number =>
  rounds.find(({ tickets }) => tickets.includes(ticket))?.round ?? 1;
const isRight = (results: RoundResult[]): boolean => results.every(({ right }) => right);

describe("the vectors that Python reads too", () => {
  it.each(cases.filter((each) => each.fault === null))("$name", async ({ draw, numbers = {} }) => {
    const found: Record<string, number> = {};
    for (const { seed, beacon, tickets, first } of draw.rounds) {
      const order = await drawNumbers(fromHex(seed), fromHex(beacon?.value ?? ""), tickets);
      order.forEach((ticket, at) => (found[ticket] = first + at));
    }
    expect(found).toEqual(numbers);
    for (const [ticket, number] of Object.entries(numbers)) {
      const round = roundOfTicket(draw, ticket);
      const results = await verifyDraw(draw, { ticket, number, round });
      expect(isRight(results)).toBe(true);
      expect(results[round - 1]?.number).toBe(number);
    }
  });

  it.each(cases.filter((each) => each.fault !== null && each.fault !== "form"))("$name", async (each) => {
    const own = each.claim ? { ...each.claim, round: 1 } : null;
    const results = await verifyDraw(each.draw, own);
    const checks = results.map((result) => result.checks[each.fault as keyof DrawChecks]);
    expect(checks.length === 0 || checks.includes(false)).toBe(true);
    expect(results.length > 0 && isRight(results)).toBe(false);
  });

  it.each(cases.filter((each) => each.fault === "form"))("$name", async ({ draw }) => {
    await expect(verifyDraw(draw, null)).rejects.toThrow();
  });
});

it("refuses a seal that is not the one this browser saw beforehand", async () => {
  const { draw } = cases.find((each) => each.fault === null && each.draw.rounds.length > 1) as Case;
  const seals = Object.fromEntries(draw.rounds.map(({ round, seed_hash }) => [round, seed_hash]));
  expect(isRight(await verifyDraw(draw, null, seals))).toBe(true);
  const results = await verifyDraw(draw, null, { ...seals, 2: "00".repeat(32) });
  expect(results.map(({ checks }) => checks.seal)).toEqual([true, false]);
});

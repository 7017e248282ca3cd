import { describe, expect, it } from "vitest";
import { nightNow } from "./example.ts";
import { figuresOf } from "./figures.ts";
import { headline, lastTurn } from "./verdict.ts";

const beforeDraw = { last: 0, called: 0, inside: 0, orders: 0 };

describe("headline", () => {
  it.each([
    [{}, "Het loopt: 43 bestellingen per minuut"],
    [{ paused: true }, "Toelaten staat op pauze: 3.560 praktijken wachten"],
    [{ still: true }, "De klok staat stil"],
    [{ closed: true, paused: true }, "Bestellen is voorbij: 1.198 bestellingen"],
    [{ oversold_days: 1, still: true }, "Er is op 1 dag te veel weggegeven"],
    [{ oversold_days: 12 }, "Er is op 12 dagen te veel weggegeven"],
    [{ ...beforeDraw, arrivals: 1203 }, "De wachtkamer is open: 1.203 praktijken binnen"],
    [{ ...beforeDraw, arrivals: 0 }, "Nog niemand in de wachtkamer"],
    [{ waiting: 0, inside: 0, called: 4956, orders: 4871 }, "Iedereen is geweest: 4.871 bestellingen"],
    [{ waiting: 0, called: 4956 }, "Het loopt: 43 bestellingen per minuut"],
    [{ waiting: 0, called: 4956, inside: 30, orders: 4871, orders_per_minute: 0, weeks: [] }, "Iedereen is geweest: 4.871 bestellingen"],
    [{ waiting: 0, called: 1, inside: 1, orders: 0, orders_per_minute: 0, weeks: [] }, "Het loopt: 0 bestellingen per minuut"],
    [{ waiting: 0, inside: 1, orders_per_minute: 0, weeks: [{ week: 40, limit: 9, ordered: 0, held: 5 }] }, "Het loopt: 0 bestellingen per minuut"],
  ])("of %o", (changes, words) => expect(headline(nightNow(changes))).toBe(words));
});

describe("lastTurn", () => {
  it("is a time while numbers are called", () => {
    expect(lastTurn(nightNow(), 45)).toBe("Bij dit tempo is de laatste om 01.50\u00a0uur aan de beurt.");
    expect(lastTurn(nightNow(), 90)).toBe("Bij dit tempo is de laatste om 01.10\u00a0uur aan de beurt.");
  });
  it("is a span while the draw or a pause is still to pass", () => {
    expect(lastTurn(nightNow({ ...beforeDraw, arrivals: 90 }), 45)).toContain("2 min 0 s na de loting");
    expect(lastTurn(nightNow({ paused: true }), 45)).toContain("na de pauze");
  });
  it("promises nothing for a pace that is none", () => {
    for (const pace of [0, -5, Number.NaN]) expect(lastTurn(nightNow(), pace)).toBe("");
  });
  it("counts from the next draw when only a later round waits", () =>
    expect(lastTurn(nightNow({ called: 4956, waiting: 90 }), 45)).toContain("2 min 0 s na de loting"));
  it("knows when nobody waits", () => expect(lastTurn(nightNow({ called: 4956, waiting: 0 }), 45)).toBe("Er wacht niemand."));
});

describe("figures", () => {
  it("say which numbers wait, of how many doses, and how old the oldest mail is", () => {
    expect(figuresOf(nightNow())).toMatchObject({
      waiting: [3560, "nummers 1.396–4.956"],
      doses: [812_340, "van 3.490.000"],
      mail: [2, "oudste: 4 s"],
      oversold: [0, "doses en adressen"],
    });
  });
  it("say that a later round waits for its draw", () => {
    expect(figuresOf(nightNow({ called: 4956, waiting: 90 }))["waiting"]).toEqual([90, "tot de volgende loting"]);
  });
  it("say so when there is nothing", () => {
    expect(figuresOf(nightNow({ ...beforeDraw, waiting: 7 }))["waiting"]).toEqual([7, "nog niet geloot"]);
    expect(figuresOf(nightNow({ waiting: 0, called: 4956 }))["waiting"]).toEqual([0, "niemand meer"]);
    expect(figuresOf(nightNow({ mail: { waiting: 0, oldest_s: 0, accepted: 1, expected: 1 } }))["mail"]).toEqual([
      0,
      "niets wacht",
    ]);
  });
});

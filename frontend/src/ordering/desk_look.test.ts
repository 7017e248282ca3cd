import { describe, expect, it } from "vitest";
import { ownDays } from "./days.ts";
import { deskLook, newsOfWishes, tabTitle, type Situation } from "./desk_look.ts";

const free = { limit: 70_000, free: 9_000, held: 0 };
const days = ownDays([{ day: "2027-10-12", doses: free, addresses: { limit: 112, free: 9, held: 0 } }], {
  need: { doses: 740, addresses: 1 },
  held: [],
  until: null,
  ranking: [],
});
const situation: Situation = {
  known: true,
  blocked: false,
  held: [],
  lapsed: [],
  hasLines: true,
  ranking: ["2027-09-28", "2027-10-12"],
  days,
  windowMs: 300_000,
  underway: null,
};
const look = (changes: Partial<Situation>) => deskLook({ ...situation, ...changes });

describe("deskLook", () => {
  it("offers the first free wish in one click", () => {
    expect(look({})).toMatchObject({
      title: "Kies uw bezorgdag",
      main: "Houd 12 oktober voor mij vast",
      advice: "De eerste vrije datum van uw lijst is nu dinsdag 12 oktober, uw 2e keus.",
      hint: "Uw 5 minuten beginnen pas als u een dag kiest.",
    });
  });
  it("sends to the calendar when the list is full or empty", () => {
    expect(look({ ranking: ["2027-09-28"] })).toMatchObject({ main: null, advice: expect.stringContaining("niets vrij") });
    expect(look({ ranking: [] })).toMatchObject({ main: null, advice: "Kies een dag in de kalender." });
  });
  it("has one button while a date is held, and the way back", () => {
    expect(look({ held: ["2027-10-12"] })).toMatchObject({ main: "Bestel definitief", release: true, busy: false });
  });
  it("says what is being done, and cannot be pressed twice", () => {
    const confirming = look({ held: ["2027-10-12"], underway: "Wij leggen uw bestelling vast …" });
    expect(confirming).toMatchObject({ main: "Wij leggen uw bestelling vast …", busy: true, release: false });
  });
  it("lets one begin again with the same date", () => {
    expect(look({ lapsed: ["2027-10-12"] })).toMatchObject({
      main: "Begin opnieuw",
      advice: "Wij houden dan 12 oktober weer voor u vast, als er nog plaats is.",
    });
  });
  it("asks for amounts first", () => expect(look({ hasLines: false }).main).toBe("Vul de aantallen in"));
  it("promises nothing before the server spoke", () => expect(look({ known: false }).main).toBeNull());
});

describe("tabTitle", () => {
  const now = { still: false, left: 227_000, dates: "12 oktober", lapsed: false };
  it("carries the state", () => {
    expect(tabTitle(now)).toBe("3:47 over: bestel 12 oktober");
    expect(tabTitle({ ...now, still: true })).toBe("De klok staat stil");
    expect(tabTitle({ ...now, left: null })).toContain("aan de beurt");
    expect(tabTitle({ ...now, left: null, lapsed: true })).toBe("Uw tijd is voorbij");
  });
});

describe("newsOfWishes", () => {
  const at = (free: number, held: string[] = []) =>
    ownDays(
      ["2027-09-28", "2027-10-12"].map((day) => ({
        day,
        doses: { limit: 70_000, free: day === "2027-09-28" ? free : 9_000, held: 0 },
        addresses: { limit: 112, free: 9, held: 0 },
      })),
      { need: { doses: 740, addresses: 1 }, held, until: null, ranking: [] },
    );
  const ranking = ["2027-09-28", "2027-10-12"];
  it("speaks of a wish that came free or went", () => {
    expect(newsOfWishes(at(0), at(9_000), ranking)).toEqual(["Uw 1e keus, dinsdag 28 september, is nu vrij."]);
    expect(newsOfWishes(at(9_000), at(0), ranking)).toEqual(["Uw 1e keus, dinsdag 28 september, is nu niet meer vrij."]);
  });
  it("is silent about what is no better than what we hold, and about what did not change", () => {
    expect(newsOfWishes(at(0), at(9_000, ["2027-10-12"]), ["2027-10-12", "2027-09-28"])).toEqual([]);
    expect(newsOfWishes(at(9_000), at(8_000), ranking)).toEqual([]);
    expect(newsOfWishes(new Map(), at(9_000), ranking)).toEqual([]);
  });
});

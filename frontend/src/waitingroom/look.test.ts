import { describe, expect, it } from "vitest";
import type { RoomState, Round } from "../lib/live.ts";
import { lookOf, type Look, type Situation } from "./look.ts";
import type { Scene } from "./place.ts";

const room: RoomState = {
  campaign: 1,
  phase: "open",
  now: "2027-05-31T22:14:20.000Z",
  wall: "2027-05-31T22:14:20.000Z",
  still: false,
  age_ms: 100,
  doors_at: "2027-05-31T21:00:00.000Z",
  opens_at: "2027-05-31T22:00:00.000Z",
  closes_at: "2027-06-30T22:00:00.000Z",
  waiting: 4956,
  last: 4956,
  called: 640,
  pace: 45,
  measured: [38, 47],
  rounds: [{ name: "", opens_at: "2027-05-31T22:00:00.000Z", phase: "drawn", first: 1, drawn: 4873 }],
  message: null,
  poll_after_ms: 2000,
};
const situation: Situation = {
  room,
  round: room.rounds[0] as Round,
  ticket: { ticket: "t", round: 1, arrived_at: "", number: 1284, called: false },
  wall: Date.parse(room.wall),
  age: 900,
  soundReady: true,
  doses: 740,
  window_s: 300,
  wishes: null,
  first: null,
  auto: null,
};
const look = (scene: Scene, changes: Partial<Situation> = {}): Look => lookOf(scene, { ...situation, ...changes });
const said = ({ lead }: Look): string => lead.map((part) => (typeof part === "string" ? part : part.bold)).join("");

describe("before the draw", () => {
  const before = { ticket: null, wall: Date.parse("2027-05-31T21:40:18.000Z") };
  it("shows a blank ticket and how long it lasts", () => {
    expect(look("inside", before)).toMatchObject({
      stage: "",
      ticket: "blank",
      number: "?",
      stub: "Wij loten om 00.00 uur",
      facts: [["Bestellen opent over", "19 min 42 s"], ["Praktijken in de wachtkamer", "4.956"]],
      tab: "Wachtkamer: opent over 19 min 42 s",
    });
  });
});

describe("where the campaign opens in groups", () => {
  const round: Round = { name: "Zuid", opens_at: "2027-05-31T22:20:00.000Z", phase: "waiting", first: null, drawn: null };
  it("says before the own draw which group one is in and when it opens", () => {
    const inside = look("inside", { ticket: null, round, wall: Date.parse("2027-05-31T22:15:00.000Z") });
    expect(said(inside)).toContain("u hoort bij Zuid. Wie van uw groep om 00.20 uur in de wachtkamer is");
    expect(inside.stub).toBe("Wij loten om 00.20 uur");
    expect(inside.facts).toEqual([
      ["Bestellen opent over", "5 min 0 s"],
      ["Praktijken in de wachtkamer", "4.956"],
      ["Uw groep", "Zuid, opent om 00.20\u00a0uur"],
    ]);
  });
  it("tells who came after the draw of the own group", () => {
    const drawn: Round = { ...round, phase: "drawn", first: 1280, drawn: 100 };
    expect(look("number", { round: drawn }).note).toBeNull();
    expect(look("number", { round: { ...drawn, drawn: 4 } }).note).toContain("na de loting");
  });
});

describe("in line", () => {
  it("shows number, place and a range", () => {
    const line = look("number");
    expect(line).toMatchObject({ stage: "called", number: "1.284", title: "Nog 643 praktijken voor u", stub: null });
    expect(said(line)).toBe(
      "U bent waarschijnlijk aan de beurt tussen 00.28 en 00.32\u00a0uur. Wij waarschuwen u met geluid. Bent u te laat? Uw nummer blijft geldig.",
    );
    expect(line.facts).toEqual([["Nu aan de beurt", "t/m 640"], ["Tempo", "45 per minuut"], ["Stand van", "1 s geleden"]]);
  });
  it("promises no sound that nobody heard", () => {
    expect(said(look("number", { soundReady: false }))).not.toContain("geluid");
  });
  it.each([
    [1283, "Nog 1 praktijk voor u"],
    [1282, "Nog 2 praktijken voor u"],
  ])("counts down: called %i", (called, title) => {
    expect(look("number", { room: { ...room, called: called - 1 } }).title).toBe(title);
  });
  it("says who is next", () => {
    expect(look("number", { room: { ...room, called: 1283 } }).title).toBe("U bent als eerste aan de beurt");
  });
  it("says that nobody is called while the organisation pauses", () => {
    const paused = look("number", { room: { ...room, phase: "paused" } });
    expect(said(paused)).toContain("roept nu even niemand op");
    expect(paused.facts[1]).toEqual(["Tempo", "even gestopt"]);
  });
  it("tells who came after the draw", () => {
    expect(look("number", { ticket: { ticket: "t", round: 1, arrived_at: "", number: 4900, called: false } }).note).toContain("na de loting");
  });
});

describe("our turn", () => {
  const first = { rank: 3, day: "2027-10-12", fit: "free" as const };
  it("offers the first free date of the list", () => {
    const turn = look("turn", { wishes: [first], first });
    expect(turn).toMatchObject({ stage: "turn", ticket: "white", button: "Houd 12 oktober voor mij vast", ways: "calendar" });
    expect(said(turn)).toBe("De eerste vrije datum van uw lijst is nu dinsdag 12 oktober (uw 3e keus), voor al uw 740 doses.");
  });
  it("leads to the calendar when nothing of the list is free", () => {
    expect(look("turn", { wishes: [] })).toMatchObject({ button: null, ways: "calendar first" });
  });
  it("leads to the preparation when nothing was put ready", () => {
    expect(look("turn", { doses: 0 })).toMatchObject({ button: null, ways: "prepare" });
  });
});

describe("while Balie orders for us", () => {
  const auto = { failed: false };
  it("says before the draw that one may sleep", () => {
    const inside = look("inside", { auto, ticket: null });
    expect(inside.title).toBe("U bent binnen.\nBalie bestelt voor u.");
    expect(said(inside)).toContain("gaan slapen");
  });
  it("says in line when Balie will order, and promises no sound", () => {
    expect(said(look("number", { auto }))).toBe(
      "U bent waarschijnlijk aan de beurt tussen 00.28 en 00.32\u00a0uur. Balie bestelt dan voor u. U kunt dit scherm sluiten en gaan slapen.",
    );
  });
  it("offers nothing to press on our turn", () => {
    const first = { rank: 1, day: "2027-10-12", fit: "free" as const };
    expect(look("turn", { auto, wishes: [first], first })).toMatchObject({ stage: "turn", button: null, ways: "none" });
  });
  it("lets us choose when it failed, and goes on trying", () => {
    const turn = look("turn", { auto: { failed: true }, wishes: [] });
    expect(turn).toMatchObject({ title: "U bent aan de beurt", ways: "calendar first" });
    expect(said(turn)).toMatch(/^Balie kon niet voor u bestellen.*Geen enkele datum.*dan bestelt Balie alsnog\.$/);
  });
});

it("keeps the ticket while the clock stands still", () => {
  expect(look("still")).toMatchObject({ stage: "still", ticket: "yours", number: "1.284", title: "De klok staat stil" });
});

it("names the day of closing in the Netherlands", () => {
  expect(said(look("closed"))).toContain("donderdag 1 juli om 00.00 uur");
});

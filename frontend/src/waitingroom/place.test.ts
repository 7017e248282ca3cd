import { describe, expect, it } from "vitest";
import type { RoomState, Ticket } from "../lib/live.ts";
import { formatMinutes } from "../lib/format.ts";
import { ahead, expectedTurn, isSoon, sceneOf } from "./place.ts";

const room = (changes: Partial<RoomState> = {}): RoomState => ({
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
  ...changes,
});
const ticket = (number: number | null): Ticket => ({ ticket: "t", round: 1, arrived_at: "", number, called: false });

describe("sceneOf", () => {
  it.each([
    ["before", null, "doors"],
    ["waiting", null, "joining"],
    ["open", ticket(null), "drawing"],
    ["open", ticket(1284), "number"],
    ["paused", ticket(1284), "number"],
    ["open", ticket(640), "turn"],
    ["paused", ticket(12), "turn"],
    ["open", null, "joining"],
    ["closed", ticket(12), "closed"],
  ] as const)("phase %s with %o is %s", (phase, own, scene) => {
    expect(sceneOf(room({ phase }), own)).toBe(scene);
  });

  it("goes by the own round", () => {
    const later = { name: "Zuid", opens_at: "2027-05-31T22:20:00.000Z", phase: "waiting", first: null, drawn: null } as const;
    const rounds = [...room().rounds, later];
    expect(sceneOf(room({ rounds }), { ...ticket(null), round: 2 })).toBe("inside");
    const frozen = { ...later, phase: "drawing", first: 4957, drawn: 100 } as const;
    expect(sceneOf(room({ rounds: [...room().rounds, frozen] }), { ...ticket(null), round: 2 })).toBe("drawing");
  });

  it("shows that the clock stands still above everything but the end", () => {
    expect(sceneOf(room({ still: true }), ticket(12))).toBe("still");
    expect(sceneOf(room({ still: true, phase: "closed" }), ticket(12))).toBe("closed");
  });
});

describe("the line", () => {
  it("counts those before us who were not called", () => {
    expect(ahead(room(), 1284)).toBe(643);
    expect(ahead(room(), 641)).toBe(0);
    expect(ahead(room(), 12)).toBe(0);
  });

  it("follows the room live when the turn is near", () => {
    expect(isSoon(room(), 1284)).toBe(false);
    expect(isSoon(room(), 640 + 3 * 45)).toBe(true);
  });
});

describe("expectedTurn", () => {
  const times = (changes: Partial<RoomState>, number = 1284, at = "2027-05-31T22:14:20.000Z"): (string | null)[] => {
    const { earliest, latest } = expectedTurn(room(changes), number, Date.parse(at));
    return [formatMinutes(earliest), latest === null ? null : formatMinutes(latest)];
  };

  it("is a range from the paces that were measured", () => {
    expect(times({})).toEqual(["00.28", "00.32"]);
  });
  it("takes in the pace that was set meanwhile", () => {
    expect(times({ pace: 60 })).toEqual(["00.25", "00.32"]);
  });
  it("allows for error while nothing was measured", () => {
    expect(times({ measured: null })).toEqual(["00.26", "00.32"]);
  });
  it("counts from the opening", () => {
    expect(times({ measured: null, called: 0 }, 45, "2027-05-31T21:59:00.000Z")).toEqual(["00.00", "00.02"]);
  });
  it("says no latest time when nobody was called lately", () => {
    expect(times({ measured: [0, 47] })).toEqual(["00.28", null]);
  });
  it("is never narrower than a minute", () => {
    expect(times({ measured: [45, 45], called: 1283 }, 1284, "2027-05-31T22:14:00.000Z")).toEqual(["00.14", "00.15"]);
  });
});

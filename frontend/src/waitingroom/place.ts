/** Where a practice stands in the room, and when its turn will probably come. Pure: no page, no network. */

import type { RoomState, Round, Ticket } from "../lib/live.ts";

/**
 * doors: not open yet. joining: open, our ticket is underway. inside: in the room, before the draw. drawing: the list
 * is closed, numbers come. number: in line. turn: called. still: the service's clock stands. closed: over.
 */
export type Scene = "doors" | "joining" | "inside" | "drawing" | "number" | "turn" | "still" | "closed";

export function sceneOf(room: RoomState, ticket: Ticket | null): Scene {
  if (room.phase === "closed") return "closed";
  if (room.still) return "still";
  if (room.phase === "before") return "doors";
  if (!ticket) return "joining";
  if (ticket.number !== null) return isCalled(room, ticket.number) ? "turn" : "number";
  return roundOf(room, ticket.round).phase === "waiting" ? "inside" : "drawing";
}

/** The round at that place; the last one there is should it have gone meanwhile. */
export function roundOf(room: RoomState, place: number): Round {
  const round = room.rounds[place - 1] ?? room.rounds.at(-1);
  if (!round) throw new Error("a room without rounds");
  return round;
}

/** Whether the draw of the round gave this number; whoever came after it has a later one. */
export function wasDrawn({ first, drawn }: Round, number: number): boolean {
  return first === null || drawn === null || (number >= first && number < first + drawn);
}

export function isCalled(room: RoomState, number: number): boolean {
  return number <= room.called;
}

/** How many practices come before this number and have not been called. */
export function ahead(room: RoomState, number: number): number {
  return Math.max(0, number - room.called - 1);
}

/** Moments of the day, in milliseconds, between which the turn probably comes; `latest` is null when nobody can say. */
export interface Expected {
  earliest: number;
  latest: number | null;
}

const MINUTE = 60_000;
/** How far from the set pace we assume the real one may be while nothing has been measured. */
const UNMEASURED = 0.15;

export function expectedTurn(room: RoomState, number: number, now: number): Expected {
  const start = Math.max(now, Date.parse(room.opens_at));
  const numbers = ahead(room, number) + 1;
  const [low, high] = room.measured ?? [room.pace * (1 - UNMEASURED), room.pace * (1 + UNMEASURED)];
  const fastest = Math.max(high, room.pace);
  const slowest = Math.min(low, room.pace);
  const earliest = floorMinute(start + (numbers / fastest) * MINUTE);
  const latest = slowest > 0 ? ceilMinute(start + (numbers / slowest) * MINUTE) : null;
  return { earliest, latest: latest === null ? null : Math.max(latest, earliest + MINUTE) };
}

function floorMinute(moment: number): number {
  return Math.floor(moment / MINUTE) * MINUTE;
}

function ceilMinute(moment: number): number {
  return Math.ceil(moment / MINUTE) * MINUTE;
}

/** Within so many minutes of our turn the room is followed live, so that a tab in the background hears it at once. */
const SOON_MINUTES = 3;

export function isSoon(room: RoomState, number: number): boolean {
  return ahead(room, number) <= SOON_MINUTES * room.pace;
}

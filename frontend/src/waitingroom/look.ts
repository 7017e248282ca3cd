/** What the stage shows in each scene, as data; `stage.ts` paints it. Pure. */

import type { RoomState, Round, Ticket } from "../lib/live.ts";
import {
  dayOf,
  formatAge,
  formatDate,
  formatDay,
  formatDuration,
  formatMinutes,
  formatNumber,
  formatOrdinal,
  formatSpan,
} from "../lib/format.ts";
import type { Auto } from "./page.ts";
import { ahead, expectedTurn, wasDrawn, type Scene } from "./place.ts";
import { words } from "./texts.ts";
import type { Wish } from "./wishes.ts";

/** A sentence; what stands in an object is set in bold. */
export type Rich = (string | { bold: string })[];

export interface Look {
  /** The modifier of the stage; empty while nothing is drawn. */
  stage: "" | "called" | "turn" | "still";
  ticket: "blank" | "yours" | "white";
  ticketLabel: string;
  number: string;
  /** First line of the stub; null shows the practice's code below its name instead. */
  stub: string | null;
  title: string;
  lead: Rich;
  facts: [label: string, value: string][];
  line: { done: number; you: number; called: string; own: string; last: string } | null;
  /** The label of the one primary button, when a date can be had. */
  button: string | null;
  /** Which other ways on are offered: both, the calendar as the one that matters, or putting an order ready first. */
  ways: "none" | "calendar" | "calendar first" | "prepare";
  note: string | null;
  tab: string;
}

export interface Situation {
  room: RoomState;
  /** The one that we are in, or will be. */
  round: Round;
  ticket: Ticket | null;
  /** The time of day, in milliseconds. */
  wall: number;
  /** How old what we show is, in milliseconds. */
  age: number;
  soundReady: boolean;
  doses: number;
  window_s: number;
  /** Our list against the calendar; null until that was read. */
  wishes: Wish[] | null;
  first: Wish | null;
  auto: Auto | null;
}

export function lookOf(scene: Scene, now: Situation): Look {
  return { ...blank(now), ...LOOKS[scene](now), ...(now.auto ? AUTO_LOOKS[scene]?.(now, now.auto) : {}) };
}

function blank({ round, ticket }: Situation): Look {
  const number = ticket?.number ?? null;
  return {
    stage: "",
    ticket: number === null ? "blank" : "yours",
    ticketLabel: words.yourNumber,
    number: number === null ? "?" : formatNumber(number),
    stub: number === null ? words.drawAt(formatMinutes(round.opens_at)) : null,
    title: "",
    lead: [],
    facts: [],
    line: null,
    button: null,
    ways: "none",
    note: null,
    tab: "",
  };
}

const LOOKS: Record<Scene, (now: Situation) => Partial<Look>> = {
  doors: doorsLook,
  joining: () => ({ title: words.joining.title, lead: [words.joining.lead], tab: words.joining.tab }),
  inside: insideLook,
  drawing: ({ round }) => ({
    title: words.drawing.title,
    lead: [words.drawing.lead],
    facts: round.drawn === null ? [] : [[words.drawing.drawn, formatNumber(round.drawn)]],
    tab: words.drawing.tab,
  }),
  number: lineLook,
  turn: turnLook,
  still: () => ({ stage: "still", title: words.still.title, lead: [words.still.lead], tab: words.still.tab }),
  closed: ({ room, ticket }) => ({
    ...(ticket?.number == null ? { number: "–", stub: words.closed.stub } : {}),
    title: words.closed.title,
    lead: [words.closed.lead(formatDay(dayOf(room.closes_at)), formatMinutes(room.closes_at))],
    tab: words.closed.tab,
  }),
};

/** What is otherwise where Balie orders for us. */
const AUTO_LOOKS: Partial<Record<Scene, (now: Situation, auto: Auto) => Partial<Look>>> = {
  doors: () => ({ lead: [words.auto.doors] }),
  inside: () => ({ title: words.auto.inside, lead: [words.auto.insideLead] }),
  number: (now) => ({ lead: now.room.phase === "paused" ? [words.line.paused, words.auto.line] : expectation(now, words.auto.line) }),
  turn: (now, { failed }) =>
    failed
      ? { lead: [words.auto.failed, ...turnLead(now), words.auto.again] }
      : { title: words.auto.turn, lead: [words.auto.turnLead], button: null, ways: "none", note: null, tab: words.auto.tab },
};

function doorsLook({ room, round, wall }: Situation): Partial<Look> {
  const duration = formatDuration(Date.parse(room.doors_at) - wall);
  return {
    title: words.doors.title(formatMinutes(room.doors_at)),
    lead: [words.doors.lead],
    facts: [[words.doors.opensIn, duration], ...groupFacts(round)],
    tab: words.doors.tab(duration),
  };
}

/** Nothing where everybody opens together. */
function groupFacts({ name, opens_at }: Round): Look["facts"] {
  return name ? [[words.group, words.groupOpens(name, formatMinutes(opens_at))]] : [];
}

function insideLook({ room, round, wall }: Situation): Partial<Look> {
  const duration = formatDuration(Date.parse(round.opens_at) - wall);
  const time = formatMinutes(round.opens_at);
  return {
    title: words.inside.title,
    lead: [round.name ? words.inside.leadGroup(round.name, time) : words.inside.lead(time)],
    facts: [
      [words.inside.opensIn, duration],
      [words.inside.waiting, formatNumber(room.waiting)],
      ...groupFacts(round),
    ],
    tab: words.inside.tab(duration),
  };
}

function lineLook(now: Situation): Partial<Look> {
  const { room, round, ticket, age } = now;
  const number = ticket?.number ?? 0;
  const before = ahead(room, number);
  const last = Math.max(room.last, number);
  const titles: Record<number, string> = { 0: words.line.titleNext, 1: words.line.titleOne };
  const paused = room.phase === "paused";
  return {
    stage: "called",
    title: titles[before] ?? words.line.title(formatNumber(before)),
    lead: paused ? [words.line.paused] : expectation(now, now.soundReady ? words.line.sound : words.line.silent),
    line: {
      done: room.called / last,
      you: number / last,
      called: words.line.done(formatNumber(room.called)),
      own: words.line.you(formatNumber(number)),
      last: words.line.last(formatNumber(last)),
    },
    facts: [
      [words.line.called, room.called ? words.line.calledUpTo(formatNumber(room.called)) : words.line.calledNobody],
      [words.line.pace, paused ? words.line.pacePaused : words.line.paceValue(formatNumber(room.pace))],
      [words.line.age, words.line.ageValue(formatAge(Math.ceil(age / 1000) * 1000).replace(",0", ""))],
    ],
    note: wasDrawn(round, number) ? null : words.line.late,
    tab: before ? words.line.tab(formatNumber(number), formatNumber(before)) : words.line.tabNext(formatNumber(number)),
  };
}

function expectation({ room, ticket, wall }: Situation, end: string): Rich {
  const { earliest, latest } = expectedTurn(room, ticket?.number ?? 0, wall);
  if (latest === null) return [words.line.after, { bold: words.line.afterTime(formatMinutes(earliest)) }, end];
  const times = words.line.betweenTimes(formatMinutes(earliest), formatMinutes(latest));
  return [words.line.between, { bold: times }, end];
}

function turnLook(now: Situation): Partial<Look> {
  const { wishes, first, doses, window_s } = now;
  return {
    stage: "turn",
    ticket: "white",
    ticketLabel: words.number,
    title: words.turn.title,
    lead: turnLead(now),
    button: first ? words.turn.hold(formatDate(first.day)) : null,
    ways: doses === 0 ? "prepare" : first || wishes === null ? "calendar" : "calendar first",
    note: words.turn.note(formatSpan(window_s)),
    tab: words.turn.tab,
  };
}

function turnLead({ wishes, first, doses }: Situation): Rich {
  if (doses === 0) return [words.turn.noList];
  if (wishes === null) return [words.turn.loading];
  if (!first) return [words.turn.noneFree];
  const choice = formatOrdinal(first.rank);
  return [words.turn.first, { bold: formatDay(first.day) }, words.turn.firstRank(choice, formatNumber(doses))];
}

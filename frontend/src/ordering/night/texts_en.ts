/** The control room's words, in English. */

import type { Texts } from "./texts.ts";

export const en: Texts = {
  headline: {
    oversold: (days) => (days === "1" ? "Too much was given away on 1 day" : `Too much was given away on ${days} days`),
    still: "The clock stands still",
    paused: (waiting) => `Admission is paused: ${waiting} practices are waiting`,
    empty: "Nobody in the waiting room yet",
    gathering: (arrivals) => `The waiting room is open: ${arrivals} practices inside`,
    running: (pace) => `Running: ${pace} orders per minute`,
    done: (orders) => `Everyone has been served: ${orders} orders`,
    closed: (orders) => `Ordering is over: ${orders} orders`,
  },
  said: {
    oversold: "Too much was given away.",
    still: "The clock stands still.",
    paused: "Admission is paused.",
    empty: "",
    gathering: "The first practices are in the waiting room.",
    running: "Practices are being admitted.",
    done: "Everyone has been served.",
    closed: "Ordering is over.",
  },
  lost: "No connection to Balie",
  age: (time, age) => `${time} · as of ${age} ago`,
  figures: {
    numbers: (from, to) => `numbers ${from}–${to}`,
    beforeDraw: "not drawn yet",
    nobody: "nobody any more",
    nextDraw: "until the next draw",
    inside: "not ordered yet",
    perMinute: (count) => `${count} per minute`,
    byBalie: (count) => `${count} by Balie`,
    of: (count) => `of ${count}`,
    oldest: (age) => `oldest: ${age}`,
    noMail: "nothing waits",
    oversold: "doses and addresses",
    oversoldDays: (days) => (days === "1" ? "on 1 day" : `on ${days} days`),
  },
  lastTurn: {
    nobody: "Nobody is waiting.",
    afterDraw: (duration) => `At this pace the last turn comes ${duration} after the draw.`,
    afterPause: (duration) => `At this pace the last turn comes ${duration} after the pause.`,
    at: (time) => `At this pace the last turn comes at ${time}.`,
  },
  plots: {
    waiting: "waiting",
    inside: "inside",
    people: (waiting, highest, inside) =>
      `Waiting and inside: ${waiting} waiting now, highest ${highest}; ${inside} practices are inside`,
    orders: (now, highest) => `Orders per minute: ${now} now, highest ${highest}`,
    ordersNote: "Slow mail changes nothing here.",
    weeks: (weeks) => `Taken per week: ${weeks}`,
    week: (week, ordered, held) => `week ${week} ${ordered} ordered and ${held} held for now`,
    weeksNote: "Solid: ordered. Hatched: held for now.",
    mail: (now, highest) => `Mail in the queue: ${now} now, highest ${highest}`,
    mailNote: (accepted, expected) => `${accepted} of ${expected} mails accepted.`,
    percent: (share) => `${Math.round(share * 100)}%`,
  },
  setPace: (pace) => `Set to ${pace} per minute`,
  say: (waiting, count) => (waiting === 1 ? "Show to 1 practice" : `Show to ${count} practices`),
};

/** The control room's words. */

import { loadTexts } from "../../lib/texts.ts";

const nl = {
  headline: {
    oversold: (days: string) => (days === "1" ? "Er is op 1 dag te veel weggegeven" : `Er is op ${days} dagen te veel weggegeven`),
    still: "De klok staat stil",
    paused: (waiting: string) => `Toelaten staat op pauze: ${waiting} praktijken wachten`,
    empty: "Nog niemand in de wachtkamer",
    gathering: (arrivals: string) => `De wachtkamer is open: ${arrivals} praktijken binnen`,
    running: (pace: string) => `Het loopt: ${pace} bestellingen per minuut`,
    done: (orders: string) => `Iedereen is geweest: ${orders} bestellingen`,
    closed: (orders: string) => `Bestellen is voorbij: ${orders} bestellingen`,
  },
  said: {
    oversold: "Er is te veel weggegeven.",
    still: "De klok staat stil.",
    paused: "Toelaten staat op pauze.",
    empty: "",
    gathering: "De eerste praktijken zijn in de wachtkamer.",
    running: "Er worden praktijken toegelaten.",
    done: "Iedereen is geweest.",
    closed: "Bestellen is voorbij.",
  },
  lost: "Geen verbinding met Balie",
  age: (time: string, age: string) => `${time} · stand van ${age} geleden`,
  figures: {
    numbers: (from: string, to: string) => `nummers ${from}–${to}`,
    beforeDraw: "nog niet geloot",
    nobody: "niemand meer",
    nextDraw: "tot de volgende loting",
    inside: "nog niet besteld",
    perMinute: (count: string) => `${count} per minuut`,
    byBalie: (count: string) => `${count} door Balie`,
    of: (count: string) => `van ${count}`,
    oldest: (age: string) => `oudste: ${age}`,
    noMail: "niets wacht",
    oversold: "doses en adressen",
    oversoldDays: (days: string) => (days === "1" ? "op 1 dag" : `op ${days} dagen`),
  },
  lastTurn: {
    nobody: "Er wacht niemand.",
    afterDraw: (duration: string) => `Bij dit tempo is de laatste ${duration} na de loting aan de beurt.`,
    afterPause: (duration: string) => `Bij dit tempo is de laatste na de pauze nog ${duration} later aan de beurt.`,
    at: (time: string) => `Bij dit tempo is de laatste om ${time}\u00a0uur aan de beurt.`,
  },
  plots: {
    waiting: "wachtend",
    inside: "binnen",
    people: (waiting: string, highest: string, inside: string) =>
      `Wachtend en binnen: nu ${waiting} wachtend, hoogste ${highest}; ${inside} praktijken zijn binnen`,
    orders: (now: string, highest: string) => `Bestellingen per minuut: nu ${now}, hoogste ${highest}`,
    ordersNote: "Trage mail verandert hier niets.",
    weeks: (weeks: string) => `Bezetting per week: ${weeks}`,
    week: (week: number, ordered: string, held: string) => `week ${week} ${ordered} besteld en ${held} even bezet`,
    weeksNote: "Vol vlak: besteld. Gestreept: even bezet.",
    mail: (now: string, highest: string) => `Mail in de wachtrij: nu ${now}, hoogste ${highest}`,
    mailNote: (accepted: string, expected: string) => `${accepted} van ${expected} mails aangenomen.`,
    percent: (share: number) => `${Math.round(share * 100)}%`,
  },
  setPace: (pace: string) => `Zet op ${pace} per minuut`,
  say: (waiting: number, count: string) => (waiting === 1 ? "Toon aan 1 praktijk" : `Toon aan ${count} praktijken`),
};

export type Texts = typeof nl;
export const texts = await loadTexts(nl, () => import("./texts_en.ts"));

/**
 * Numbers, days and times as readers of the page's language write them, and as clocks in the Netherlands show them,
 * whatever the computer's own zone or language. The examples are Dutch.
 */

import { pickTexts } from "./texts.ts";

export type Moment = string | number | Date;

const ZONE = "Europe/Amsterdam";
const LOCALE = pickTexts({ nl: "nl-NL", en: "en-GB" });
const numbers = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const ordinals = new Intl.PluralRules(LOCALE, { type: "ordinal" });
const lists = new Intl.ListFormat(LOCALE, { type: "conjunction" });
const clock = new Intl.DateTimeFormat(LOCALE, {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const wholeMoment = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, dateStyle: "long", timeStyle: "short" });
const isoDay = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE });
const days = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC", ...options });
const longDay = days({ weekday: "long", day: "numeric", month: "long" });
const dayAndMonth = days({ day: "numeric", month: "long" });
const month = days({ month: "long", year: "numeric" });
const weekday = days({ weekday: "long" });
const shortWeekday = days({ weekday: "short" });
const shortMonth = days({ month: "short" });

const nl = {
  timeSeparator: ".",
  days: (count: number) => `${count} dagen`,
  hours: (count: number) => `${count} uur`,
  minutes: (count: number) => (count === 1 ? "1 minuut" : `${count} minuten`),
  seconds: (count: number) => (count === 1 ? "1 seconde" : `${count} seconden`),
  ordinal: { zero: "e", one: "e", two: "e", few: "e", many: "e", other: "e" } satisfies Record<Intl.LDMLPluralRule, string>,
};

const en: typeof nl = {
  timeSeparator: ":",
  days: (count) => `${count} days`,
  hours: (count) => `${count} h`,
  minutes: (count) => (count === 1 ? "1 minute" : `${count} minutes`),
  seconds: (count) => (count === 1 ? "1 second" : `${count} seconds`),
  ordinal: { zero: "th", one: "st", two: "nd", few: "rd", many: "th", other: "th" },
};

const words = pickTexts({ nl, en });

/** `€ 40`, `€ 6,90` */
export function formatEuros(cents: number): string {
  const digits = cents % 100 === 0 ? 0 : 2;
  const amount = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `€\u00a0${amount.format(cents / 100)}`;
}

/** `1.284` */
export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** `23.40.18` */
export function formatSeconds(moment: Moment): string {
  return clock.format(new Date(moment)).replaceAll(":", words.timeSeparator);
}

/** `00.31`; in Dutch, say `uur` after it. */
export function formatMinutes(moment: Moment): string {
  return formatSeconds(moment).slice(0, 5);
}

/** `dinsdag 12 oktober`, of a day as the protocol writes it: `2027-10-12`. */
export function formatDay(day: string): string {
  return longDay.format(new Date(day));
}

/** The day on which a moment falls in the Netherlands, as the protocol writes days: `2027-10-12`. */
export function dayOf(moment: Moment): string {
  return isoDay.format(new Date(moment));
}

/** `12 oktober 2027 om 00:31`, for what is read years later. */
export function formatMoment(moment: Moment): string {
  return wholeMoment.format(new Date(moment));
}

/** `12 oktober` */
export function formatDate(day: string): string {
  return dayAndMonth.format(new Date(day));
}

/** `oktober 2027` */
export function formatMonth(day: string): string {
  return month.format(new Date(day));
}

/** `dinsdag` */
export function formatWeekday(day: string): string {
  return weekday.format(new Date(day));
}

/** `di` */
export function formatShortWeekday(day: string): string {
  return shortWeekday.format(new Date(day));
}

/** `okt` */
export function formatShortMonth(day: string): string {
  return shortMonth.format(new Date(day)).replace(".", "");
}

/** `20–24 sep`, `27 sep–1 okt` */
export function formatDays(from: string, to: string): string {
  const start = Number(from.slice(8));
  const end = `${Number(to.slice(8))} ${formatShortMonth(to)}`;
  return from.slice(0, 7) === to.slice(0, 7) ? `${start}–${end}` : `${start} ${formatShortMonth(from)}–${end}`;
}

/** The ISO week of a day. */
export function weekOf(day: string): number {
  const thursday = new Date(day);
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7));
  return 1 + Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * 86_400_000));
}

/** `Dinsdag 12 oktober`, at the head of a sentence or a line. */
export function capitalise(text: string): string {
  return text.charAt(0).toLocaleUpperCase(LOCALE) + text.slice(1);
}

/** `19 min 42 s`, `1 uur 5 min`, `42 s`; never below zero. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours >= 48) return words.days(Math.floor(hours / 24));
  if (hours > 0) return `${words.hours(hours)} ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** A span in whole words, as rules are told: `5 minuten`, `20 seconden`. */
export function formatSpan(seconds: number): string {
  return seconds % 60 === 0 ? words.minutes(seconds / 60) : words.seconds(seconds);
}

/** `3:47`; never below zero. A second that has begun counts, so that `0:00` means over. */
export function formatCountdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** How old something is: `0,4 s`, `12 s`, `3 min`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 9.95) return `${tenths.format(seconds)} s`;
  return seconds < 120 ? `${Math.floor(seconds)} s` : `${Math.floor(seconds / 60)} min`;
}

/** `1,2 MB`, `48 kB`; at least `1 kB`. */
export function formatSize(bytes: number): string {
  return bytes >= 1_000_000 ? `${tenths.format(bytes / 1_000_000)} MB` : `${Math.max(1, Math.round(bytes / 1000))} kB`;
}

/** `1e`, `3e`: the practice's so many'th choice. */
export function formatOrdinal(value: number): string {
  return `${value}${words.ordinal[ordinals.select(value)]}`;
}

/** `noord, oost en zuid` */
export function listed(items: string[]): string {
  return lists.format(items);
}

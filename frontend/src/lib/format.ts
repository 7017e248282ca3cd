/** Numbers, days and times as people in the Netherlands read them, whatever the computer's own zone or language. */

export type Moment = string | number | Date;

const ZONE = "Europe/Amsterdam";
const numbers = new Intl.NumberFormat("nl-NL", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("nl-NL", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("nl-NL", {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const isoDay = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE });
const days = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("nl-NL", { timeZone: "UTC", ...options });
const longDay = days({ weekday: "long", day: "numeric", month: "long" });
const dayAndMonth = days({ day: "numeric", month: "long" });
const month = days({ month: "long", year: "numeric" });
const weekday = days({ weekday: "long" });
const shortMonth = days({ month: "short" });

/** `1.284` */
export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** `23.40.18` */
export function formatSeconds(moment: Moment): string {
  return clock.format(new Date(moment)).replaceAll(":", ".");
}

/** `00.31`; say `uur` after it. */
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
  return text.charAt(0).toLocaleUpperCase("nl") + text.slice(1);
}

/** `19 min 42 s`, `1 uur 5 min`, `42 s`; never below zero. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours >= 48) return `${Math.floor(hours / 24)} dagen`;
  if (hours > 0) return `${hours} uur ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** A span in whole words, as rules are told: `5 minuten`, `20 seconden`. */
export function formatSpan(seconds: number): string {
  if (seconds % 60 === 0) return seconds === 60 ? "1 minuut" : `${seconds / 60} minuten`;
  return seconds === 1 ? "1 seconde" : `${seconds} seconden`;
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

/** `1e`, `3e`: the practice's so many'th choice. */
export function formatOrdinal(value: number): string {
  return `${value}e`;
}

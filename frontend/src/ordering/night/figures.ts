/** The six figures, of which "te veel weggegeven" is the one that must always be 0. */

import { find, setText } from "../../lib/dom.ts";
import { formatDuration, formatNumber } from "../../lib/format.ts";
import type { NightNow } from "./events.ts";
import { texts } from "./texts.ts";

type Figure = [value: number, note: string];

export function figuresOf(now: NightNow): Record<string, Figure> {
  const words = texts.figures;
  return {
    waiting: [now.waiting, waitingNote(now)],
    inside: [now.inside, words.inside],
    orders: [now.orders, ordersNote(now)],
    doses: [now.doses, words.of(formatNumber(now.doses_limit))],
    mail: [now.mail.waiting, now.mail.waiting ? words.oldest(formatDuration(now.mail.oldest_s * 1000)) : words.noMail],
    oversold: [
      now.oversold_days,
      now.oversold_days ? words.oversoldDays(formatNumber(now.oversold_days)) : words.oversold,
    ],
  };
}

function ordersNote(now: NightNow): string {
  const pace = texts.figures.perMinute(formatNumber(now.orders_per_minute));
  return now.orders_auto ? `${pace}, ${texts.figures.byBalie(formatNumber(now.orders_auto))}` : pace;
}

function waitingNote(now: NightNow): string {
  if (now.last === 0) return texts.figures.beforeDraw;
  if (now.waiting === 0) return texts.figures.nobody;
  if (now.called >= now.last) return texts.figures.nextDraw;
  return texts.figures.numbers(formatNumber(now.called + 1), formatNumber(now.last));
}

export function paintFigures(now: NightNow): void {
  for (const [name, [value, note]] of Object.entries(figuresOf(now))) {
    const place = find(`[data-figure="${name}"]`);
    setText(find(".balie-figure__value", place), formatNumber(value));
    setText(find(".balie-figure__note", place), note);
  }
  const oversold = find('[data-figure="oversold"]');
  oversold.classList.toggle("balie-figure--good", now.oversold_days === 0);
  oversold.classList.toggle("balie-figure--bad", now.oversold_days > 0);
}

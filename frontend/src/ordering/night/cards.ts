/** The four plots in their cards, drawn anew when there is news or the window changes. */

import { find, setText } from "../../lib/dom.ts";
import { formatNumber } from "../../lib/format.ts";
import type { NightNow } from "./events.ts";
import { drawBars, drawLines, type Line } from "./plots.ts";
import type { Sample } from "./samples.ts";
import { texts } from "./texts.ts";
import { lastTurn } from "./verdict.ts";

const words = texts.plots;
const USUAL_PX = 16;

export function paintPlots(now: NightNow, samples: Sample[]): void {
  const highest = (key: keyof Sample): string => formatNumber(Math.max(0, ...samples.map((sample) => sample[key])));
  const waiting = formatNumber(now.waiting);
  const inside = formatNumber(now.inside);
  const orders = formatNumber(now.orders_per_minute);
  const mail = formatNumber(now.mail.waiting);
  const { accepted, expected } = now.mail;
  paintLines("people", [line(samples, "waiting", 1, words.waiting), line(samples, "inside", 2, words.inside)], {
    now: `${waiting} / ${inside}`,
    note: lastTurn(now, now.pace),
    description: words.people(waiting, highest("waiting"), inside),
  });
  paintLines("orders", [line(samples, "orders", 1)], {
    now: orders,
    note: words.ordersNote,
    description: words.orders(orders, highest("orders")),
  });
  paintLines("mail", [line(samples, "mail", 3)], {
    now: mail,
    note: words.mailNote(formatNumber(accepted), formatNumber(expected)),
    description: words.mail(mail, highest("mail")),
  });
  paintWeeks(now.weeks);
}

function line(samples: Sample[], key: keyof Sample, series: Line["series"], label = ""): Line {
  return { series, label, filled: series !== 2, points: samples.map((sample) => ({ at: sample.at, value: sample[key] })) };
}

interface Words {
  now: string;
  note: string;
  description: string;
}

function paintLines(name: string, lines: Line[], said: Words): void {
  paint(name, said, (width) => drawLines(width, lines, said.description));
}

function paintWeeks(weeks: NightNow["weeks"]): void {
  const sum = (key: "limit" | "ordered" | "held"): number => weeks.reduce((total, week) => total + week[key], 0);
  const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
  const bars = weeks.map(({ week, limit, ordered, held }) => ({
    label: String(week),
    taken: share(ordered, limit),
    held: share(held, limit),
  }));
  const description = words.weeks(
    bars.map((bar, at) => words.week(weeks[at]!.week, words.percent(bar.taken), words.percent(bar.held))).join(", "),
  );
  const said = { now: words.percent(share(sum("ordered") + sum("held"), sum("limit"))), note: words.weeksNote, description };
  paint("weeks", said, (width) => drawBars(width, bars, description));
}

/** How much larger than usual the reader set their text: a plot drawn that much narrower is shown that much larger. */
function textScale(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_PX || 1;
}

function paint(name: string, said: Words, draw: (width: number) => SVGSVGElement): void {
  const card = find(`[data-plot="${name}"]`);
  const place = find("[data-drawing]", card);
  setText(find("[data-now]", card), said.now);
  setText(find("[data-note]", card), said.note);
  place.replaceChildren(draw(Math.max(240, place.clientWidth / textScale())));
}

/** What fills the page of building blocks: every moment by its name, a week of the calendar, a plot. */

import { create, find } from "../lib/dom.ts";
import { capitalise, formatDate, formatDay } from "../lib/format.ts";
import { texts as shared } from "../lib/texts.ts";
import { DaysGrid } from "../ordering/days_grid.ts";
import type { OwnDay } from "../ordering/days.ts";
import { drawBars, drawLines } from "../ordering/night/plots.ts";
import { texts as night } from "../ordering/night/texts.ts";
import { texts as ordering } from "../ordering/texts.ts";
import { faultNotice, notice } from "../waitingroom/notices.ts";
import { words as waiting } from "../waitingroom/texts.ts";

const WANTED = "2027-09-28";
const HELD = "2027-10-12";
const NEAR = ["2027-10-13", "2027-10-19"];
const UNTIL = "00.33.55";
const WINDOW_MS = 300_000;
const LEFT_MS = 227_000;
const PLOT_WIDTH = 520;

const STILL = { choose: () => {}, go: () => {}, filter: () => {} };

const MOMENTS: Record<string, () => HTMLElement> = {
  gone: () => notice("warning", ordering.moment.gone(WANTED), ordering.moment.goneNearInside(formatDate(HELD)), NEAR.map(button)),
  minute: () => notice("warning", ordering.window.lastMinute, ordering.window.press(UNTIL), [], "clock"),
  lapsed: () => notice("info", ordering.moment.lapsed(WINDOW_MS), ordering.moment.lapsedBody(formatDate(HELD)), [], "clock"),
  still: () => notice("info", shared.clockStill, ordering.moment.stillBody(formatDate(HELD)), [], "circle-pause"),
  back: () => notice("ok", ordering.moment.back, ordering.moment.backBody(LEFT_MS, formatDate(HELD))),
  lost: () => notice("warning", shared.noConnection, shared.noConnectionBody("8 s"), [], "wifi-off"),
  failed: () => notice("warning", ordering.moment.failed, ordering.moment.failedConfirm, [], "wifi-off"),
  elsewhere: () => notice("info", ordering.moment.elsewhere, ordering.moment.elsewhereHeld(formatDate(HELD)), [], "users"),
  message: () => notice("info", waiting.organisation("00.06"), waiting.line.saidResumed, [], "megaphone"),
  fault: () => faultNotice("F8K-2QD"),
};

export function showSpecimens(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-moment]")) {
    place.replaceChildren(MOMENTS[place.dataset["moment"] ?? ""]!());
  }
  find("[data-week]").replaceChildren(new DaysGrid(`${HELD.slice(0, 7)}-01`, days(), STILL).element);
  const lines = { series: 1, label: night.plots.waiting, filled: true } as const;
  find("[data-plot-lines]").replaceChildren(drawLines(PLOT_WIDTH, [{ ...lines, points: falling() }], night.plots.people("3.560", "4.956", "188")));
  const bars = [1, 0.72, 0.4, 0.1].map((taken, at) => ({ label: String(38 + at), taken, held: taken < 1 ? 0.1 : 0 }));
  find("[data-plot-bars]").replaceChildren(drawBars(PLOT_WIDTH, bars, night.plots.weeks("38–41")));
}

function button(day: string): HTMLButtonElement {
  return create("button", { type: "button", class: "utrecht-button utrecht-button--secondary-action" }, capitalise(formatDay(day)));
}

/** A week in which every day is in another state. */
function days(): Map<string, OwnDay> {
  const states = ["full", "yours", "free", "held", "small"] as const;
  return new Map(
    states.map((state, at) => {
      const day = `2027-10-${11 + at}`;
      const free = { full: 0, yours: 2100, free: 3400, held: 0, small: 300 }[state];
      const doses = { limit: 6000, free, held: state === "held" ? 900 : 200 };
      return [day, { day, state, doses, addresses: { limit: 40, free: free / 100, held: 4 }, until: null, rank: at < 2 ? null : at - 1 }];
    }),
  );
}

function falling(): { at: number; value: number }[] {
  const opened = Date.UTC(2027, 4, 31, 22);
  return Array.from({ length: 30 }, (_, minute) => ({ at: opened + minute * 60_000, value: Math.round(4956 * 0.95 ** minute) }));
}

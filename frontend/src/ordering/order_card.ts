/** The card with what is ordered: the date held, the lines, and the one button. */

import { create, find, setText, show } from "../lib/dom.ts";
import { capitalise, formatDate, formatDay, formatEuros, formatNumber, formatShortMonth, formatShortWeekday } from "../lib/format.ts";
import type { HeldLine, WantedLine } from "../lib/live.ts";
import { extraCents } from "./cost.ts";
import type { CalendarPage } from "./page.ts";
import { texts } from "./texts.ts";

/** What the card shows. `main` is the button's label, null to hide it; `busy` keeps it from being pressed again. */
export interface CardLook {
  title: string;
  held: string[];
  advice: string;
  main: string | null;
  busy: boolean;
  hint: string;
  release: boolean;
}

export class OrderCard {
  readonly #page: CalendarPage;
  #lines = "";

  constructor(page: CalendarPage, on: { main: () => void; release: () => void }) {
    this.#page = page;
    for (const button of document.querySelectorAll("[data-main]")) button.addEventListener("click", on.main);
    find("[data-release]").addEventListener("click", on.release);
  }

  paint(look: CardLook): void {
    setText(find("[data-title]"), look.title);
    show(find("[data-held]"), look.held.length > 0);
    setText(find("[data-held-date]"), capitalise(look.held.map(formatDay).join(texts.and)));
    setText(find("[data-held-short]"), look.held.map(shortDay).join(texts.and));
    paintWords(find("[data-advice]"), look.advice);
    paintWords(find("[data-hint]"), look.hint);
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-main]")) {
      show(button, look.main !== null);
      setText(button, look.main ?? "");
      button.toggleAttribute("aria-disabled", false);
      if (look.busy) button.setAttribute("aria-disabled", "true");
    }
    show(find("[data-sticky]"), look.held.length > 0 && look.main !== null);
    show(find("[data-release]"), look.release);
  }

  /** What had the focus went away with what was done: on to the button, which says how to go on. */
  keepFocus(): void {
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    const next = [...document.querySelectorAll<HTMLElement>("[data-main], .balie-days [tabindex='0']")].find((each) => each.offsetParent);
    next?.focus({ preventScroll: true });
  }

  /** What the deliveries of what is held add; nothing is said while they are free. */
  paintCost(lines: readonly HeldLine[]): void {
    const cents = this.#page.cost ? extraCents(this.#page.cost, lines) : 0;
    paintWords(find("[data-cost]"), cents > 0 ? texts.order.cost(formatEuros(cents)) : "");
  }

  /** The order itself: doses per product, their sum, and where they go. */
  paintLines(lines: readonly WantedLine[]): void {
    const now = JSON.stringify(lines);
    if (now === this.#lines) return;
    this.#lines = now;
    const total = lines.reduce((sum, line) => sum + line.doses, 0);
    const rows = this.#page.products.flatMap(({ id, name }) => {
      const doses = lines.filter((line) => line.product === id).reduce((sum, line) => sum + line.doses, 0);
      return doses > 0 ? [row(name, formatNumber(doses))] : [];
    });
    if (total > 0) rows.push(row(texts.order.together, texts.order.doses(formatNumber(total))));
    find("[data-lines]").replaceChildren(...rows, ...this.#addresses(lines));
  }

  #addresses(lines: readonly WantedLine[]): HTMLElement[] {
    const used = this.#page.locations.filter(({ id }) => lines.some((line) => line.location === id));
    if (used.length === 1) return used.map(({ address }) => row(texts.order.address, address));
    return used.map(({ id, name, address }) => {
      const doses = lines.filter((line) => line.location === id).reduce((sum, line) => sum + line.doses, 0);
      return row(name, `${address}: ${texts.order.doses(formatNumber(doses))}`);
    });
  }
}

function row(name: string, value: string): HTMLElement {
  return create("div", {}, create("dt", {}, name), create("dd", {}, value));
}

function paintWords(place: HTMLElement, words: string): void {
  setText(place, words);
  show(place, words !== "");
}

/** `di 12 okt` */
function shortDay(day: string): string {
  return `${formatShortWeekday(day)} ${Number(day.slice(8))} ${formatShortMonth(day)}`;
}

/** `12 oktober`, of several `12 oktober en 14 oktober`. */
export function datesOf(days: readonly string[]): string {
  return days.map(formatDate).join(texts.and);
}

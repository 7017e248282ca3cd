/**
 * A month of working days as a table of buttons. One tab stop; arrows move; Enter asks for the day.
 *
 * News changes the words inside a button, never the button itself, so focus stays where it is.
 */

import { bar, create, setAttribute } from "../lib/dom.ts";
import { capitalise, formatDate, formatMonth, formatOrdinal, formatShortMonth, formatWeekday } from "../lib/format.ts";
import type { DaysBody, DaysEvents } from "./days_view.ts";
import { dayByKey, partsOf, weeksOf, type OwnDay } from "./days.ts";
import { texts } from "./texts.ts";

export class DaysGrid implements DaysBody {
  readonly element: HTMLTableElement;
  readonly #month: string;
  readonly #on: DaysEvents;
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #painted = new Map<string, string>();
  #all: string[] = [];

  constructor(month: string, days: ReadonlyMap<string, OwnDay>, on: DaysEvents) {
    this.#month = month;
    this.#on = on;
    const weekdays = texts.calendar.weekdays.map(([short, long]) =>
      create("th", { scope: "col" }, create("span", { "aria-hidden": "true" }, short), sr(long)),
    );
    const delivers = (day: string): boolean => days.has(day);
    const rows = weeksOf(month, delivers).map((week) => create("tr", {}, ...week.map((day) => this.#cell(day, delivers(day)))));
    this.element = create(
      "table",
      { class: "balie-days" },
      create("caption", { class: "sr" }, texts.calendar.caption(capitalise(formatMonth(month)))),
      create("thead", {}, create("tr", {}, ...weekdays)),
      create("tbody", {}, ...rows),
    );
    this.element.addEventListener("keydown", (event) => this.#move(event));
    this.paint(days);
    this.#openTo(this.#start(days));
  }

  paint(days: ReadonlyMap<string, OwnDay>): void {
    this.#all = [...days.keys()];
    for (const [name, button] of this.#buttons) {
      const day = days.get(name);
      if (day) this.#paintDay(button, day);
    }
  }

  focus(day: string): boolean {
    const button = this.#buttons.get(day);
    if (!button) return false;
    this.#openTo(day);
    button.focus();
    return true;
  }

  /** Where the tab stop is at first: what is yours, else what is free, of this month before its neighbours. */
  #start(days: ReadonlyMap<string, OwnDay>): string | undefined {
    const shown = [...this.#buttons.keys()].sort((one, other) => Number(this.#isOutside(one)) - Number(this.#isOutside(other)));
    return (
      shown.find((day) => days.get(day)?.state === "yours") ?? shown.find((day) => days.get(day)?.state === "free") ?? shown[0]
    );
  }

  #openTo(day: string | undefined): void {
    for (const [name, button] of this.#buttons) button.tabIndex = name === day ? 0 : -1;
  }

  #isOutside(day: string): boolean {
    return day.slice(0, 7) !== this.#month.slice(0, 7);
  }

  #cell(day: string, delivers: boolean): HTMLTableCellElement {
    if (!delivers) {
      const words = create("span", { class: "balie-day__caps" }, create("span", {}, texts.calendar.noDelivery));
      return create("td", {}, create("div", { class: "balie-day balie-day--out" }, this.#head(day, null), words));
    }
    const button = create("button", { type: "button", tabindex: -1 });
    button.addEventListener("click", () => {
      this.#openTo(day);
      this.#on.choose(day);
    });
    this.#buttons.set(day, button);
    return create("td", {}, button);
  }

  #paintDay(button: HTMLButtonElement, day: OwnDay): void {
    const now = JSON.stringify(day);
    if (this.#painted.get(day.day) === now) return;
    this.#painted.set(day.day, now);
    button.className = `balie-day balie-day--${day.state}`;
    setAttribute(button, "aria-pressed", String(day.state === "yours"));
    setAttribute(button, "aria-disabled", day.state === "free" || day.state === "yours" ? null : "true");
    const state = create("span", { class: "balie-day__state" }, texts.calendar.state[day.state]);
    button.replaceChildren(this.#head(day.day, day.rank), state, caps(day));
  }

  #head(day: string, rank: number | null): HTMLElement {
    const date = create("span", { class: "balie-day__date" }, sr(`${formatWeekday(day)} `), String(Number(day.slice(8))));
    if (this.#isOutside(day)) {
      date.append(create("span", { class: "balie-day__month", "aria-hidden": "true" }, ` ${formatShortMonth(day)}`));
    }
    date.append(sr(` ${formatDate(day).split(" ")[1] ?? ""}`));
    const head = create("span", { class: "balie-day__head" }, date);
    if (rank === null) return head;
    const choice = create("span", {}, ` ${texts.calendar.choice}`);
    head.append(create("span", { class: "balie-day__rank" }, formatOrdinal(rank), choice));
    return head;
  }

  #move(event: KeyboardEvent): void {
    const from = [...this.#buttons].find(([, button]) => button === document.activeElement)?.[0];
    if (!from || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = dayByKey(this.#all, from, event.key);
    if (to === null) return;
    event.preventDefault();
    this.#on.go(to);
  }
}

/** What is left of a day, in words with a bar under each; of a full day only what ran out. */
function caps({ state, doses, addresses }: OwnDay): HTMLElement {
  const words = texts.calendar;
  const box = create("span", { class: "balie-day__caps" });
  if (state === "full") {
    box.append(create("span", {}, words.gone(doses.free <= 0, addresses.free <= 0)));
    return box;
  }
  const isHeld = (capacity: typeof doses): boolean => state === "held" && capacity.free <= 0;
  const amount = (capacity: typeof doses): number => (isHeld(capacity) ? capacity.held : capacity.free);
  box.append(create("span", {}, words.doses(amount(doses), isHeld(doses))), bar(partsOf(doses)));
  box.append(create("span", {}, words.addresses(amount(addresses), isHeld(addresses))), bar(partsOf(addresses)));
  return box;
}

function sr(text: string): HTMLElement {
  return create("span", { class: "sr" }, text);
}

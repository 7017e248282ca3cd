/** The delivery days: which month, as calendar or as table, and how old the picture is. */

import { find, setAttribute, setText, show } from "../lib/dom.ts";
import { capitalise, formatAge, formatMonth } from "../lib/format.ts";
import { texts as shared } from "../lib/texts.ts";
import { monthsOf, monthToShow, type OwnDay } from "./days.ts";
import { DaysGrid } from "./days_grid.ts";
import { DaysTable } from "./days_table.ts";

/** A picture older than this is said to be old. */
const OLD_MS = 2_000;
const TABLE = "tabel";

export interface DaysEvents {
  choose: (day: string) => void;
  /** The keyboard went to another day, perhaps of another month. */
  go: (day: string) => void;
  filter: (onlyFree: boolean) => void;
}

/** One of the two ways to show a month. */
export interface DaysBody {
  readonly element: HTMLElement;
  paint: (days: ReadonlyMap<string, OwnDay>) => void;
  /** Puts the focus on a day; false when it cannot. */
  focus: (day: string) => boolean;
}

export class DaysView {
  readonly #ranking: readonly string[];
  readonly #events: DaysEvents;
  #days: ReadonlyMap<string, OwnDay> = new Map();
  #month: string | null = null;
  #body: DaysBody | null = null;
  #onlyFree = false;
  #asTable = new URLSearchParams(location.search).get("weergave") === TABLE;

  constructor(ranking: readonly string[], choose: (day: string) => void) {
    this.#ranking = ranking;
    this.#events = { choose, go: (day) => this.#go(day), filter: (onlyFree) => (this.#onlyFree = onlyFree) };
    for (const button of document.querySelectorAll<HTMLElement>("[data-month]")) {
      button.addEventListener("click", () => this.#turn(Number(button.dataset["month"])));
    }
    for (const tab of document.querySelectorAll<HTMLAnchorElement>("[data-view]")) {
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        history.replaceState(null, "", tab.getAttribute("href") === "?" ? location.pathname : tab.href);
        this.#asTable = tab.dataset["view"] === "table";
        this.#show();
      });
    }
  }

  paint(days: ReadonlyMap<string, OwnDay>): void {
    const sameDays = days.size === this.#days.size && [...days.keys()].every((day) => this.#days.has(day));
    this.#days = days;
    this.#month ??= monthToShow(days, this.#ranking);
    if (this.#body && sameDays) this.#body.paint(days);
    else this.#show();
  }

  /** Turns to the month of a day, without moving the focus. */
  open(day: string): void {
    this.#setMonth(`${day.slice(0, 7)}-01`);
  }

  paintAge(age: number | null): void {
    const place = find("[data-age]");
    show(place, age !== null);
    place.classList.toggle("balie-age--old", (age ?? 0) > OLD_MS);
    const words = (age ?? 0) > OLD_MS ? shared.age : shared.liveAge;
    setText(find("span:last-child", place), words(formatAge(age ?? 0)));
  }

  #go(day: string): void {
    if (this.#body?.focus(day)) return;
    this.#setMonth(`${day.slice(0, 7)}-01`);
    this.#body?.focus(day);
  }

  #turn(direction: number): void {
    const months = this.#months();
    const next = months[months.indexOf(this.#month ?? "") + direction];
    if (next) this.#setMonth(next);
  }

  #months(): string[] {
    return monthsOf([...this.#days.values()]);
  }

  #setMonth(month: string): void {
    if (month === this.#month) return;
    this.#month = month;
    this.#show();
  }

  /** Nothing before the first calendar came, whatever month is asked for. */
  #show(): void {
    if (this.#month === null || this.#days.size === 0) return;
    this.#body = this.#asTable
      ? new DaysTable(this.#month, this.#days, this.#events, this.#onlyFree)
      : new DaysGrid(this.#month, this.#days, this.#events);
    find("[data-days]").replaceChildren(this.#body.element);
    setText(find("[data-month-name]"), capitalise(formatMonth(this.#month)));
    show(find("[data-legend]"), !this.#asTable);
    const months = this.#months();
    for (const button of document.querySelectorAll<HTMLElement>("[data-month]")) {
      const possible = months[months.indexOf(this.#month) + Number(button.dataset["month"])] !== undefined;
      setAttribute(button, "aria-disabled", possible ? null : "true");
    }
    for (const tab of document.querySelectorAll<HTMLElement>("[data-view]")) {
      setAttribute(tab, "aria-current", (tab.dataset["view"] === "table") === this.#asTable ? "page" : null);
    }
  }
}

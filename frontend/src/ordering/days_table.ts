/** The same month as a table with all figures, for who would rather read them. */

import { badge, create } from "../lib/dom.ts";
import { formatDay, formatMinutes, formatMonth, formatNumber, formatOrdinal, formatShortMonth, formatShortWeekday } from "../lib/format.ts";
import type { DaysBody, DaysEvents } from "./days_view.ts";
import type { OwnDay } from "./days.ts";
import { texts } from "./texts.ts";

const BADGES = { free: "success", held: "warning", small: "warning", full: "neutral" } as const;

export class DaysTable implements DaysBody {
  readonly element: HTMLElement;
  readonly #month: string;
  readonly #on: DaysEvents;
  readonly #body = create("tbody", { class: "utrecht-table__body" });
  readonly #onlyFree = create("input", { type: "checkbox", id: "alleen-vrij" });
  readonly #empty = create("p", { class: "utrecht-paragraph soft" }, texts.table.nothingFree);
  readonly #rows = new Map<string, { now: string; row: HTMLTableRowElement }>();
  #days: ReadonlyMap<string, OwnDay> = new Map();

  constructor(month: string, days: ReadonlyMap<string, OwnDay>, on: DaysEvents, onlyFree: boolean) {
    this.#month = month;
    this.#on = on;
    this.#onlyFree.checked = onlyFree;
    this.#onlyFree.addEventListener("change", () => {
      on.filter(this.#onlyFree.checked);
      this.paint(this.#days);
    });
    const option = create("div", { class: "balie-option" }, this.#onlyFree, create("label", { for: "alleen-vrij" }, texts.table.onlyFree));
    const table = create(
      "table",
      { class: "utrecht-table middle" },
      create("caption", { class: "sr" }, texts.table.caption(formatMonth(month))),
      create("thead", { class: "utrecht-table__header" }, head()),
      this.#body,
    );
    const region = { class: "balie-scroll balie-scroll--fit", tabindex: 0, role: "region", "aria-label": texts.table.region };
    const card = create("div", { class: "balie-card balie-card--flush" }, create("div", region, table));
    this.element = create("div", { class: "stack" }, option, card, this.#empty);
    this.paint(days);
  }

  paint(days: ReadonlyMap<string, OwnDay>): void {
    this.#days = days;
    const shown = [...days.values()].filter((day) => day.day.startsWith(this.#month.slice(0, 7)) && this.#fits(day));
    const rows = shown.map((day) => this.#row(day));
    if (rows.length !== this.#body.children.length || rows.some((row, at) => row !== this.#body.children[at])) {
      const focused = document.activeElement?.closest("tr")?.dataset["day"];
      this.#body.replaceChildren(...rows);
      if (focused) this.focus(focused);
    }
    this.#empty.hidden = rows.length > 0;
  }

  focus(day: string): boolean {
    const button = this.#rows.get(day)?.row.querySelector("button");
    button?.focus();
    return button != null;
  }

  #fits(day: OwnDay): boolean {
    return !this.#onlyFree.checked || day.state === "free" || day.state === "yours";
  }

  /** The row of a day; the same element as long as nothing about the day changed. */
  #row(day: OwnDay): HTMLTableRowElement {
    const now = JSON.stringify(day);
    const known = this.#rows.get(day.day);
    if (known?.now === now) return known.row;
    const row = create("tr", { class: `utrecht-table__row${day.state === "yours" ? " is-yours" : ""}`, "data-day": day.day });
    row.append(
      create("th", { scope: "row", class: "utrecht-table__cell nowrap" }, ...dayName(day.day)),
      cell("", day.state === "yours" ? create("strong", {}, texts.calendar.state.yours) : badge(BADGES[day.state], texts.calendar.state[day.state])),
      cell("n", formatNumber(day.doses.free)),
      cell("n col-wide", formatNumber(day.doses.held)),
      cell("n", formatNumber(day.addresses.free)),
      cell("n col-wide", formatNumber(day.addresses.held)),
      cell("col-wide", day.rank === null ? "" : `${formatOrdinal(day.rank)} ${texts.calendar.choice}`),
      cell("n", this.#last(day)),
    );
    this.#rows.set(day.day, { now, row });
    return row;
  }

  #last({ day, state, until }: OwnDay): HTMLElement | string {
    if (until !== null) return create("span", { class: "nowrap" }, texts.table.until(formatMinutes(until)));
    if (state !== "free") return "";
    const button = create(
      "button",
      { type: "button", class: "utrecht-button utrecht-button--secondary-action balie-small-button" },
      texts.table.choose,
      create("span", { class: "sr" }, ` ${formatDay(day)}`),
    );
    button.addEventListener("click", () => this.#on.choose(day));
    return button;
  }
}

function cell(kind: string, content: HTMLElement | string): HTMLTableCellElement {
  return create("td", { class: `utrecht-table__cell ${kind}`.trim() }, content);
}

/** `wo 6 oktober`, on a narrow screen `wo 6 okt`. */
function dayName(day: string): (string | HTMLElement)[] {
  const month = formatDay(day).split(" ").at(-1) ?? "";
  return [
    `${formatShortWeekday(day)} ${Number(day.slice(8))}`,
    create("span", { class: "in-wide" }, ` ${month}`),
    create("span", { class: "in-narrow" }, ` ${formatShortMonth(day)}`),
  ];
}

function head(): HTMLTableRowElement {
  const { columns } = texts.table;
  const column = (kind: string, long: string, short: string = long): HTMLElement => {
    const words = short === long ? [long] : [create("span", { class: "in-wide" }, long), create("span", { class: "in-narrow" }, short)];
    return create("th", { scope: "col", class: `utrecht-table__header-cell ${kind}`.trim() }, ...words);
  };
  const last = column("", "");
  last.append(create("span", { class: "sr" }, columns.choose));
  return create(
    "tr",
    { class: "utrecht-table__row" },
    column("", columns.day),
    column("", columns.state),
    column("n", columns.doses, columns.dosesShort),
    column("n col-wide", columns.held),
    column("n", columns.addresses, columns.addressesShort),
    column("n col-wide", columns.held),
    column("col-wide", columns.list),
    last,
  );
}

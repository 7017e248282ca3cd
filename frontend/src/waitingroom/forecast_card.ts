/** The card "Wat is er straks nog vrij?": read now and then while we wait in line. */

import { badge, bar, create, find, setText, show } from "../lib/dom.ts";
import { formatDays, formatNumber, formatOrdinal } from "../lib/format.ts";
import type { LiveClient } from "../lib/live.ts";
import { outlook, type WeekOutlook } from "./forecast.ts";
import { words } from "./texts.ts";

const EVERY_MS = 20_000;

export class ForecastCard {
  readonly #card = find("[data-forecast]");
  readonly #weeks = find("[data-forecast-weeks]");
  readonly #client: LiveClient;
  readonly #ranking: string[];
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(client: LiveClient, ranking: string[]) {
    this.#client = client;
    this.#ranking = ranking;
  }

  start(number: number): void {
    if (this.#timer !== null) return;
    void this.#read(number);
    this.#timer = setInterval(() => void this.#read(number), EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #read(number: number): Promise<void> {
    const answer = await this.#client.forecast();
    if (!answer.ok || answer.value.weeks.length === 0) return;
    setText(find("[data-forecast-intro]"), words.forecast.intro(formatNumber(number)));
    this.#weeks.replaceChildren(...outlook(answer.value, number, this.#ranking).map(weekRow));
    show(this.#card, true);
  }
}

function weekRow({ week, from, to, low, high, chance, wishes }: WeekOutlook): HTMLTableRowElement {
  const cell = { class: "utrecht-table__cell" };
  const head = create("th", { ...cell, scope: "row" }, words.forecast.week(week), create("br"));
  head.append(create("span", { class: "soft xs nowrap" }, formatDays(from, to)));
  const free = create("td", cell);
  free.append(bar([["free", low], ["maybe", high - low]]), create("span", { class: "small" }, words.forecast.chance[chance]));
  const own = wishes.length
    ? badge("active", words.forecast.wish(wishes.map(formatOrdinal)))
    : create("span", { class: "soft" }, "–");
  return create("tr", { class: "utrecht-table__row" }, head, free, create("td", cell, own));
}

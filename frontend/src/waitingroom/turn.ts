/** Our turn: the list as it stands now, and the one click that holds the first free date of it. */

import { badge, create, find, setText, show } from "../lib/dom.ts";
import { capitalise, formatAge, formatDate, formatDay } from "../lib/format.ts";
import { LiveClient, type Answer, type Calendar, type Failure, type Held, type WantedLine } from "../lib/live.ts";
import { texts } from "../lib/texts.ts";
import { faultNotice, notice, type NoticePlace } from "./notices.ts";
import type { WaitingPage } from "./page.ts";
import { words } from "./texts.ts";
import { firstFreeWish, judgeWishes, type Wish } from "./wishes.ts";

/** A picture of the calendar older than this is said to be old. */
const OLD_MS = 2_000;

export class Turn {
  wishes: Wish[] | null = null;
  first: Wish | null = null;
  readonly #page: WaitingPage;
  readonly #client: LiveClient;
  readonly #button: HTMLButtonElement;
  readonly #alert: NoticePlace;
  #busy = false;
  #label = "";
  #listNow = "";
  #wasBlocked = false;

  constructor(page: WaitingPage, button: HTMLButtonElement, alert: NoticePlace) {
    this.#page = page;
    this.#button = button;
    this.#alert = alert;
    this.#client = new LiveClient({ ...page, onRetry: () => setText(button, words.turn.again) });
    button.addEventListener("click", () => {
      if (this.first) void this.#holdFirst(this.first);
    });
  }

  take(calendar: Calendar): void {
    this.wishes = judgeWishes(this.#page.ranking, calendar.days, this.#page.lines);
    this.first = this.#page.lines.length > 0 ? firstFreeWish(this.wishes) : null;
    this.#paintList(this.wishes);
  }

  /** The button's words; while a click is underway they stay what the click said. */
  paintButton(label: string | null): void {
    this.#label = label ?? "";
    if (this.#busy) return;
    show(this.#button, label !== null);
    setText(this.#button, this.#label);
  }

  paintAge(age: number | null): void {
    const place = document.querySelector<HTMLElement>("[data-wishes-age]");
    if (!place) return;
    show(place, age !== null);
    place.classList.toggle("balie-age--old", (age ?? 0) > OLD_MS);
    setText(find("span:last-child", place), texts.age(formatAge(age ?? 0)));
  }

  #paintList(wishes: Wish[]): void {
    const place = document.querySelector("[data-wishes]");
    const key = JSON.stringify(wishes);
    if (!place || key === this.#listNow) return;
    this.#listNow = key;
    place.replaceChildren(
      ...wishes.map((wish) => {
        const name = `${wish.rank}. ${capitalise(formatDay(wish.day))}`;
        const [word, kind] = words.fit[wish.fit];
        const line = wish === this.first ? create("strong", {}, name) : create("span", {}, name);
        return create("li", { class: "row row--between" }, line, badge(kind, word));
      }),
    );
  }

  /** Whether the organiser lets us order nothing; once said it stays until that is over. */
  tellBlocked(blocked: boolean): void {
    if (blocked) this.#alert.say("blocked", () => this.#blocked());
    else if (this.#wasBlocked) this.#alert.clear();
    this.#wasBlocked = blocked;
  }

  #blocked(): HTMLElement {
    return notice("warning", texts.blocked, texts.blockedBody(this.#page.help_phone), [], "phone");
  }

  /** Asks for the first of our wishes that has room, from the one on the button onwards. */
  #holdFirst(wish: Wish): Promise<void> {
    const ranking = this.#page.ranking.slice(wish.rank - 1);
    return this.#hold(wish.day, { lines: this.#page.lines, ranking });
  }

  #holdDay(day: string): Promise<void> {
    return this.#hold(day, { lines: this.#page.lines.map((line) => ({ ...line, day })) });
  }

  async #hold(day: string, wish: { lines: WantedLine[]; ranking?: string[] }): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#alert.clear();
    this.#button.setAttribute("aria-disabled", "true");
    show(this.#button, true);
    setText(this.#button, words.turn.holding(formatDate(day)));
    const answer = await this.#client.hold({ key: crypto.randomUUID(), ...wish });
    this.#busy = false;
    this.#button.removeAttribute("aria-disabled");
    this.paintButton(this.#label || null);
    this.#conclude(day, answer);
  }

  #conclude(day: string, answer: Answer<Held>): void {
    const { urls } = this.#page;
    if (answer.ok) location.assign(urls.calendar);
    else if (answer.code === "already_ordered") location.assign(urls.placed);
    else this.#alert.say(crypto.randomUUID(), () => this.#refusal(day, answer));
  }

  #refusal(day: string, failure: Failure): HTMLElement {
    switch (failure.code) {
      case "full": {
        const near = failure.alternatives.map((each) => this.#alternative(each));
        const body = near.length > 0 ? words.turn.goneNear : words.turn.goneBody;
        return notice("warning", words.turn.gone(capitalise(formatDay(day))), body, near);
      }
      case "bad_lines": {
        const repair = create(
          "a",
          { class: "utrecht-button utrecht-button--secondary-action", href: this.#page.urls.prepare },
          words.turn.badRepair,
        );
        return notice("error", words.turn.badTitle, failure.errors.map((error) => error.say).join(" "), [repair]);
      }
      case "blocked":
        return this.#blocked();
      case "no_connection":
      case "try_again":
        return notice("warning", words.turn.failedTitle, words.turn.failed);
      default:
        return failure.code === "fault" ? faultNotice(failure.request ?? "") : notice("error", words.turn.failedTitle, failure.title);
    }
  }

  #alternative(day: string): HTMLButtonElement {
    const button = create(
      "button",
      { type: "button", class: "utrecht-button utrecht-button--secondary-action" },
      capitalise(formatDay(day)),
    );
    button.addEventListener("click", () => void this.#holdDay(day));
    return button;
  }
}

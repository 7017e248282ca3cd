/** What may happen in the window, each as one notice with its words and its way on. */

import { create, find } from "../lib/dom.ts";
import { capitalise, formatDay } from "../lib/format.ts";
import type { Failure } from "../lib/live.ts";
import { texts as shared } from "../lib/texts.ts";
import { faultNotice, notice, NoticePlace } from "../waitingroom/notices.ts";
import type { CalendarPage } from "./page.ts";
import { texts } from "./texts.ts";

export class Moments {
  readonly #page: CalendarPage;
  /** A day that is offered instead was clicked. */
  readonly #choose: (day: string) => void;
  /** How the service and our connection are. */
  readonly #service = new NoticePlace(find("[data-service]"));
  /** What cannot wait: a date gone, the last minute. */
  readonly #alert = new NoticePlace(find("[data-alert]"));
  /** What happened to our hold. */
  readonly #moment = new NoticePlace(find("[data-moment]"));

  constructor(page: CalendarPage, choose: (day: string) => void) {
    this.#page = page;
    this.#choose = choose;
  }

  /** A new act: what was said about the one before is over. */
  clear(): void {
    this.#alert.clear();
    this.#moment.clear();
  }

  clearAlert(): void {
    this.#alert.clear();
  }

  clearService(): void {
    this.#service.clear();
  }

  /** `age` of what is shown; null when nothing was shown yet. */
  connectionLost(age: string | null): void {
    const body = shared.noConnectionBody(age);
    this.#service.say("lost", () => notice("warning", shared.noConnection, body, [], "wifi-off"), body);
  }

  signedOut(): void {
    const login = link(`${this.#page.urls.login}?next=${encodeURIComponent(this.#page.urls.calendar)}`, texts.moment.login);
    this.#service.say("out", () => notice("error", shared.signedOut, "", [login]));
  }

  otherPractice(): void {
    this.#service.say("other", () => notice("error", shared.otherPractice, "", [link(this.#page.urls.calendar, texts.moment.reload)]));
  }

  clockStill(dates: string): void {
    this.#service.say("still", () => notice("info", shared.clockStill, texts.moment.stillBody(dates), [], "circle-pause"));
  }

  clockRuns(left: number | null, dates: string): void {
    this.#service.clear();
    const body = left === null ? texts.moment.backBodyPlain : texts.moment.backBody(left, dates);
    this.#moment.say("back", () => notice("ok", texts.moment.back, body));
  }

  lastMinute(until: string): void {
    this.#alert.say("minute", () => notice("warning", texts.window.lastMinute, texts.window.press(until), [], "clock"));
  }

  lastSeconds(until: string): void {
    this.#alert.say("seconds", () => notice("warning", texts.window.lastSeconds, texts.window.press(until), [], "clock"));
  }

  lapsed(dates: string): void {
    this.#alert.clear();
    const title = texts.moment.lapsed(this.#page.window_s * 1000);
    this.#moment.say("lapsed", () => notice("info", title, texts.moment.lapsedBody(dates), [], "clock"));
    reveal(this.#moment);
  }

  /** The organiser gave everybody more time, until `until`. */
  extended(until: string): void {
    this.#alert.clear();
    this.#moment.say(`extended ${until}`, () => notice("ok", texts.moment.extended, texts.moment.extendedBody(until), [], "clock"));
  }

  blocked(): void {
    this.#alert.say("blocked", () => notice("warning", shared.blocked, shared.blockedBody(this.#page.help_phone), [], "phone"));
  }

  unblocked(): void {
    this.#alert.clear();
    this.#moment.say("unblocked", () => notice("ok", texts.moment.unblocked, texts.moment.unblockedBody));
  }

  released(dates: string): void {
    this.#moment.say("released", () => notice("ok", texts.moment.released(dates), texts.moment.releasedBody));
    reveal(this.#moment);
  }

  elsewhere(dates: string): void {
    this.#alert.clear();
    const body = dates ? texts.moment.elsewhereHeld(dates) : texts.moment.elsewhereReleased;
    this.#moment.say(`elsewhere ${dates}`, () => notice("info", texts.moment.elsewhere, body, [], "users"));
  }

  /** Full: which days, what is near, and what we still hold. */
  gone(wanted: readonly string[], failure: Failure, heldDates: string): void {
    const title = wanted.length === 1 ? texts.moment.gone(wanted[0]!) : texts.moment.goneList;
    const near = failure.alternatives.map((day) => this.#alternative(day));
    const inside = heldDates ? texts.moment.goneNearInside(heldDates) : texts.moment.goneNear;
    const body = near.length > 0 ? inside : texts.moment.goneNothing;
    this.#alert.say(crypto.randomUUID(), () => notice("warning", title, body, near));
    reveal(this.#alert);
  }

  badLines(failure: Failure): void {
    const body = failure.errors.map((error) => error.say).join(" ");
    this.#alert.say("lines", () => notice("error", texts.moment.badLines, body, [link(this.#page.urls.prepare, texts.moment.badLinesRepair)]));
    reveal(this.#alert);
  }

  /** No verdict came; repeating is safe. */
  failed(confirming: boolean): void {
    const body = confirming ? texts.moment.failedConfirm : texts.moment.failedBody;
    this.#alert.say("failed", () => notice("warning", texts.moment.failed, body, [], "wifi-off"));
    reveal(this.#alert);
  }

  refused(failure: Failure): void {
    const fault = failure.code === "fault" ? (failure.request ?? "") : null;
    this.#alert.say(fault ?? failure.code, () =>
      fault !== null ? faultNotice(fault) : notice("error", texts.moment.failed, failure.title),
    );
    reveal(this.#alert);
  }

  #alternative(day: string): HTMLButtonElement {
    const button = create("button", { type: "button", class: BUTTON }, capitalise(formatDay(day)));
    button.addEventListener("click", () => this.#choose(day));
    return button;
  }
}

/** The answer to a click must be seen, however far down the page that was. */
function reveal({ place }: NoticePlace): void {
  place.scrollIntoView({ block: "nearest" });
}

const BUTTON = "utrecht-button utrecht-button--secondary-action";

function link(href: string, words: string): HTMLAnchorElement {
  return create("a", { class: BUTTON, href }, words);
}

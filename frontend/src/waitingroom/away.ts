/** The card that lets people walk away: a sound they tried themselves, and notifications. */

import { create, find, icon, show } from "../lib/dom.ts";
import { Chime, enableNotifications, notificationState, notify } from "../lib/notify.ts";
import { words } from "./texts.ts";

const REPEAT_MS = 15_000;
const REPEATS = 4;

type Check = [settled: boolean, text: string, note: string];

export class Away {
  readonly #chime = new Chime();
  readonly #checks = find("[data-away-checks]");
  readonly #notifications = find<HTMLButtonElement>("[data-try-notifications]");
  #tried = false;

  constructor(onChange: () => void) {
    find("[data-try-sound]").addEventListener("click", () => {
      void this.#chime.enable().then(() => {
        this.#tried = true;
        this.#paint();
        onChange();
      });
    });
    this.#notifications.addEventListener("click", () => void enableNotifications().then(() => this.#paint()));
    this.#paint();
  }

  get soundReady(): boolean {
    return this.#chime.ready;
  }

  /** The turn: now, and while nobody looks a few times more. */
  callIn(): void {
    notify(words.turn.title, { body: words.turn.notification, tag: "balie-turn" });
    this.#chime.play();
    let left = REPEATS;
    const timer = setInterval(() => {
      left -= 1;
      if (document.hasFocus() || left === 0) clearInterval(timer);
      else this.#chime.play();
    }, REPEAT_MS);
  }

  #paint(): void {
    const state = notificationState();
    show(this.#notifications, state === "off");
    this.#checks.replaceChildren(...[this.#sound(), this.#notification(state)].map(checkLine));
  }

  #sound(): Check {
    if (this.#chime.ready) return [true, words.away.sound, words.away.soundNote];
    return this.#tried
      ? [false, words.away.cannotSound, ""]
      : [false, words.away.noSound, words.away.noSoundNote];
  }

  #notification(state: ReturnType<typeof notificationState>): Check {
    if (state === "on") return [true, words.away.notifications, ""];
    if (state === "off") return [false, words.away.noNotifications, words.away.noNotificationsNote];
    return state === "refused"
      ? [false, words.away.refused, words.away.refusedNote]
      : [false, words.away.unsupported, ""];
  }
}

function checkLine([settled, text, note]: Check): HTMLLIElement {
  const body = create("div", {}, create("p", {}, text));
  if (note) body.append(create("p", { class: "balie-check__note" }, note));
  return create(
    "li",
    { class: settled ? "balie-check" : "balie-check balie-check--off" },
    icon(settled ? "circle-check" : "circle-minus"),
    body,
  );
}

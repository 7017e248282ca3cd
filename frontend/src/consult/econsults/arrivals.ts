/** Who came into the queue since one last looked, and a sound for it where one wants that. */

import { setAttribute, setText } from "../../lib/dom.ts";
import { Chime } from "../../lib/notify.ts";
import { words } from "./texts.ts";

/** What is new in the queue; of the first look nothing is. */
export class Arrivals {
  #known: Set<string> | null = null;

  /** Whether anybody came whom one had not seen. One that is put back came before. */
  heard(waiting: readonly { id: string }[]): boolean {
    const before = this.#known;
    this.#known = new Set([...(before ?? []), ...waiting.map(({ id }) => id)]);
    return before !== null && waiting.some(({ id }) => !before.has(id));
  }
}

/** Off until one turns it on; remembered in this browser, which lets a page sound only after a press in it. */
export class ArrivalSound {
  readonly #button: HTMLButtonElement;
  readonly #say: HTMLElement;
  readonly #place: string;
  readonly #chime = new Chime();
  readonly #arrivals = new Arrivals();

  constructor(button: HTMLButtonElement, say: HTMLElement, person: string) {
    this.#button = button;
    this.#say = say;
    this.#place = `balie-econsult-sound-${person}`;
    button.onclick = () => void this.#turn(!this.wanted);
    if (this.wanted) for (const press of ["click", "keydown"]) addEventListener(press, this.#wake, { once: true });
    this.#show();
  }

  hear(waiting: readonly { id: string }[]): void {
    if (this.#arrivals.heard(waiting) && this.wanted) this.#chime.play();
  }

  /** Then one looks also while the page is not seen. */
  get wanted(): boolean {
    return localStorage.getItem(this.#place) === "on";
  }

  async #turn(on: boolean): Promise<void> {
    localStorage.setItem(this.#place, on ? "on" : "off");
    if (on) await this.#chime.enable();
    this.#show();
  }

  /** The first press in the page lets it sound again; unless that press turns it off. Once it is over: what it changes must not move what one presses. */
  readonly #wake = (event: Event): void => {
    if (this.#chime.ready || !this.wanted || this.#button.contains(event.target as Node)) return;
    void this.#chime.enable(false).then(() => this.#show());
  };

  #show(): void {
    setAttribute(this.#button, "aria-pressed", String(this.wanted));
    setText(this.#say, !this.wanted ? words.soundOff : this.#chime.ready ? words.soundOn : words.soundWaits);
  }
}

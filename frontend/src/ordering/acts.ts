/** What a practice asks of the desk: one thing at a time, repeated under the same key until a verdict comes. */

import { LiveClient, type Answer, type Held, type Ordered, type WantedLine } from "../lib/live.ts";
import type { CalendarPage } from "./page.ts";
import { texts } from "./texts.ts";

export class Acts {
  readonly #client: LiveClient;
  readonly #changed: (label: string) => void;
  #label: string | null = null;
  #confirming = false;

  /** `changed` is told what is being done, and again when it has to be repeated. */
  constructor(page: CalendarPage, changed: (label: string) => void) {
    this.#client = new LiveClient({ ...page, onRetry: () => this.#repeat() });
    this.#changed = changed;
  }

  /** What is being done now, as the button says it; null when nothing is. */
  get label(): string | null {
    return this.#label;
  }

  get confirming(): boolean {
    return this.#confirming;
  }

  /** Null when something else is underway; so too below. */
  hold(wish: { lines: WantedLine[]; ranking?: string[] }, label: string): Promise<Answer<Held> | null> {
    return this.#do(label, () => this.#client.hold({ key: crypto.randomUUID(), ...wish }));
  }

  async confirm(key: string): Promise<Answer<Ordered> | null> {
    if (this.#label !== null) return null;
    this.#confirming = true;
    const answer = await this.#do(texts.desk.confirming, () => this.#client.confirm(key));
    this.#confirming = false;
    return answer;
  }

  release(key: string): Promise<Answer<{ outcome: "released" }> | null> {
    return this.#do(texts.desk.releasing, () => this.#client.release(key));
  }

  async #do<T>(label: string, ask: () => Promise<Answer<T>>): Promise<Answer<T> | null> {
    if (this.#label !== null) return null;
    this.#label = label;
    this.#changed(label);
    const answer = await ask();
    this.#label = null;
    return answer;
  }

  #repeat(): void {
    if (!this.#confirming) return;
    this.#label = texts.desk.confirmingAgain;
    this.#changed(this.#label);
  }
}

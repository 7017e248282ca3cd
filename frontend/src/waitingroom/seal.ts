/** The promise about the draw, kept by this browser from before the draw until after it. */

import { find, setText } from "../lib/dom.ts";
import type { LiveClient } from "../lib/live.ts";

/** `7f3a 91d0 4be2 c61f … 08ac e21e` */
export function shortCode(hex: string, groups = 4): string {
  const parts = hex.match(/.{1,4}/g) ?? [];
  if (parts.length <= groups + 2) return parts.join(" ");
  return `${parts.slice(0, groups).join(" ")} … ${parts.slice(-2).join(" ")}`;
}

export class SealKeeper {
  readonly #client: LiveClient;
  readonly #storage: string;
  #asked = false;

  constructor(client: LiveClient) {
    this.#client = client;
    this.#storage = `balie-seal-${client.campaign}`;
  }

  /** The seal that this browser read before the draw; null when it came too late for that, or cannot keep things. */
  get seen(): string | null {
    try {
      return localStorage.getItem(this.#storage);
    } catch {
      return null;
    }
  }

  /** Reads, shows and keeps the seal; once, from the moment the doors are open and before the draw. */
  async read(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    const answer = await this.#client.seal();
    if (!answer.ok) {
      this.#asked = false;
      return;
    }
    setText(find("[data-seal-code]"), shortCode(answer.value.seed_hash));
    try {
      localStorage.setItem(this.#storage, answer.value.seed_hash);
    } catch {
      // A browser that keeps nothing compares with the published seal only.
    }
  }
}

/** The promise about the draw, kept by this browser from before the draw until after it. */

import { find, setText } from "../lib/dom.ts";
import type { LiveClient } from "../lib/live.ts";
import type { Seals } from "./draw.ts";

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
    this.#storage = `balie-seals-${client.campaign}`;
  }

  /** The seals that this browser read before the draws, by round; none when it came too late, or cannot keep things. */
  get seen(): Seals {
    try {
      return JSON.parse(localStorage.getItem(this.#storage) ?? "{}") as Seals;
    } catch {
      return {};
    }
  }

  /** Reads and keeps the seals, and shows the one of our round; once, from the moment the doors are open. */
  async read(round: number): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    const answer = await this.#client.seal();
    if (!answer.ok) {
      this.#asked = false;
      return;
    }
    const seals: Seals = Object.fromEntries(answer.value.rounds.map((each) => [each.round, each.seed_hash]));
    setText(find("[data-seal-code]"), shortCode(seals[round] ?? ""));
    try {
      // What was seen first counts: a seal that changes later must not pass.
      localStorage.setItem(this.#storage, JSON.stringify({ ...seals, ...this.seen }));
    } catch {
      // A browser that keeps nothing compares with the published seals only.
    }
  }
}

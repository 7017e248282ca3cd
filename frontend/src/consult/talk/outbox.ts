/** What was written and is not out yet. It survives a reload, and each conversation goes at its own pace. */

import { type Failure, pause } from "../../lib/live.ts";
import { Unanswered, waitingHelps } from "../unanswered.ts";
import type { LocalStore, Outgoing } from "./local_store.ts";
import { isChange } from "./thread.ts";

const AGAIN_MS = 2000;

/** What the server did not say. */
export const unsaid = (code: Failure["code"]): Failure => ({ ok: false, status: 0, title: "", errors: [], days: [], alternatives: [], code });

export interface OutboxListener {
  changed: () => void;
  /** It does not go out now, and why; null when it does again. */
  stuck: (why: Failure | null) => void;
}

export class Outbox {
  readonly #local: LocalStore;
  readonly #send: (outgoing: Outgoing) => Promise<Failure | null>;
  readonly #on: OutboxListener;
  readonly #busy = new Set<string>();
  /** By message: waiting does not help, its author must decide. */
  readonly #refused = new Map<string, Failure>();
  #kept: Outgoing[] = [];
  /** Grows whenever something was added or is gone. */
  version = 0;

  /** `send` gives null once the server has it. */
  constructor(local: LocalStore, send: (outgoing: Outgoing) => Promise<Failure | null>, on: OutboxListener) {
    this.#local = local;
    this.#send = send;
    this.#on = on;
  }

  async load(): Promise<void> {
    this.#kept = await this.#local.outbox();
    this.version += 1;
  }

  of(conversation: string): Outgoing[] {
    return this.#kept.filter((each) => each.conversation === conversation);
  }

  /** Whether this e-consult is on its way to another post. */
  brings(econsult: string): boolean {
    return this.#kept.some(({ instead }) => instead === econsult);
  }

  refused(id: string): Failure | undefined {
    return this.#refused.get(id);
  }

  async add(outgoing: Outgoing): Promise<void> {
    await this.#local.keepOutgoing(outgoing);
    this.#kept.push(outgoing);
    this.version += 1;
    this.#on.changed();
    void this.#flush(outgoing.conversation);
  }

  retry(id: string): void {
    this.#refused.delete(id);
    this.#on.changed();
    this.flush();
  }

  async drop(id: string): Promise<void> {
    const dropped = this.#kept.find((each) => each.id === id);
    this.#kept = this.#kept.filter((each) => each !== dropped);
    this.version += 1;
    this.#refused.delete(id);
    if (dropped) await this.#local.dropOutgoing(dropped);
    this.#on.changed();
  }

  flush(): void {
    for (const conversation of new Set(this.#kept.map((each) => each.conversation))) void this.#flush(conversation);
  }

  /** In the order in which it was written, until all is out that can be helped by waiting. */
  async #flush(conversation: string): Promise<void> {
    if (this.#busy.has(conversation)) return;
    this.#busy.add(conversation);
    try {
      for (;;) {
        const next = this.of(conversation).find(({ id }) => !this.#refused.has(id));
        if (!next) return;
        await this.#deliver(next);
      }
    } finally {
      this.#busy.delete(conversation);
    }
  }

  async #deliver(outgoing: Outgoing): Promise<void> {
    const failure = await this.#send(outgoing).catch((error: unknown) =>
      error instanceof Unanswered ? error.failure : unsaid("fault"),
    );
    this.#on.stuck(failure);
    if (failure && waitingHelps(failure)) return pause(AGAIN_MS);
    if (!failure || isChange(outgoing.kind)) return this.drop(outgoing.id);
    this.#refused.set(outgoing.id, failure);
    this.#on.changed();
  }
}

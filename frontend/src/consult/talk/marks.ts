/** What one put on conversations for oneself: a flag, and that one is done with it for now. The server keeps it. */

import { api, type Mark } from "../api.ts";
import { must } from "../unanswered.ts";
import type { Conversation } from "./conversation.ts";

const NONE = { flagged: false, archived: null };

export class Marks {
  #by = new Map<string, Mark>();

  /** Throws Unanswered. */
  async load(): Promise<void> {
    const { marks } = await must(api.marks());
    this.#by = new Map(marks.map((mark) => [mark.conversation, mark]));
  }

  flagged({ group }: Conversation): boolean {
    return this.#by.get(group)?.flagged ?? false;
  }

  /** Until something is said in it again. */
  archived({ group, last }: Conversation): boolean {
    const place = this.#by.get(group)?.archived ?? null;
    return place !== null && last <= place;
  }

  async flag(conversation: Conversation, flagged: boolean): Promise<void> {
    await this.#set(conversation, { flagged });
  }

  async archive(conversation: Conversation, yes: boolean): Promise<void> {
    await this.#set(conversation, { archived: yes ? conversation.last : null });
  }

  /** Seen at once; undone where the server does not take it. Throws Unanswered. */
  async #set({ group }: Conversation, change: Partial<Omit<Mark, "conversation">>): Promise<void> {
    const before = this.#by.get(group);
    const mark = { ...NONE, ...before, ...change, conversation: group };
    this.#by.set(group, mark);
    try {
      await must(api.mark(mark));
    } catch (error) {
      if (before) this.#by.set(group, before);
      else this.#by.delete(group);
      throw error;
    }
  }
}

/** Sending one message with its files, under a key that counts. */

import { sealMessage } from "../../crypto/messages.ts";
import type { Bytes } from "../../crypto/encoding.ts";
import type { Failure } from "../../lib/live.ts";
import { api } from "../api.ts";
import type { Session } from "../session.ts";
import { Unanswered } from "../unanswered.ts";
import type { Circle } from "./circle.ts";
import type { Conversation } from "./conversation.ts";
import type { GroupActs } from "./group_acts.ts";
import type { Hearing } from "./hearing.ts";
import type { LocalStore, Outgoing } from "./local_store.ts";
import { unsaid } from "./outbox.ts";
import type { Renewal } from "./renewal.ts";
import { sendFile } from "./transfer.ts";

/** Others change keys too; who loses so many times in a row waits a moment. */
export const ATTEMPTS = 5;

/** What sending stands on. `progress`: so much of a message's files has left, from 0 to 1. */
export interface SendingParts {
  session: Session;
  circle: Circle;
  local: LocalStore;
  acts: GroupActs;
  hearing: Hearing;
  renewal: Renewal;
  progress: (id: string, share: number) => void;
}

export class Sending {
  readonly #parts: SendingParts;

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** Null when the server has it and we have it back. Under another key as often as the one we know has retired. */
  async send(outgoing: Outgoing): Promise<Failure | null> {
    const { circle, hearing } = this.#parts;
    await hearing.reach([outgoing.conversation]);
    const conversation = hearing.conversations.get(outgoing.conversation);
    if (conversation?.has(outgoing.id)) return null;
    let failure: Failure | null = conversation ? await this.#sendFiles(outgoing) : unsaid("not_found");
    if (failure || !conversation) return failure;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const key = conversation.sendingKey(circle);
      if (key) {
        failure = await this.#post(outgoing, conversation, key);
        if (failure?.code === "not_found") await hearing.askGroups();
        if (failure?.code !== "key_retired") return failure;
        conversation.retire(key.name);
      } else {
        failure = await this.#makeKey(conversation);
        if (failure && failure.code !== "behind") return failure;
        // Somebody's treatment may have ended: that is no event.
        if (failure) await hearing.askGroups();
      }
      await hearing.catchUp();
      await hearing.askPeople(conversation.membership.members.keys());
    }
    return failure ?? unsaid("behind");
  }

  async #makeKey(conversation: Conversation): Promise<Failure | null> {
    const { circle, acts, renewal } = this.#parts;
    try {
      await renewal.hasten();
      if (conversation.sendingKey(circle)) return null;
      await acts.makeKey(conversation);
      return null;
    } catch (error) {
      if (error instanceof Unanswered) return error.failure;
      throw error;
    }
  }

  /** Before the message that has their keys. Null when the server has them all; what it had before it keeps once. */
  async #sendFiles({ id, conversation, attachments }: Outgoing): Promise<Failure | null> {
    const { local, progress } = this.#parts;
    for (const [at, { hash }] of attachments.entries()) {
      const file = await local.file(hash);
      if (!file) return unsaid("not_found");
      const answer = await sendFile(conversation, file, (share) => progress(id, (at + share) / attachments.length));
      if (!answer.ok) return answer;
    }
    return null;
  }

  async #post(outgoing: Outgoing, conversation: Conversation, key: { name: string; key: Bytes }): Promise<Failure | null> {
    const { hearing, session } = this.#parts;
    const { device, sign } = session.own;
    const envelope = await sealMessage(this.#message(outgoing, conversation, key.name), sign, key.key);
    const { id, intake, instead = null } = outgoing;
    const sent = { conversation: conversation.group, device, envelope };
    const answer = intake
      ? await api.sendEconsult({ ...sent, id, message: id, questionnaire: intake.form, version: intake.version, urgency: intake.urgency, instead })
      : await api.send({ ...sent, id });
    if (!answer.ok) return answer;
    await hearing.catchUp();
    return null;
  }

  #message({ id, at, kind, text, to, attachments, question, intake }: Outgoing, conversation: Conversation, key: string) {
    const { circle, session } = this.#parts;
    return {
      v: 1 as const,
      conversation: conversation.group,
      id,
      person: circle.me,
      device: session.own.device,
      as: circle.actsAs(conversation) ?? circle.self,
      key,
      seen: conversation.seen(),
      heads: conversation.membership.heads,
      at: Math.floor(at / 1000),
      content: { kind, text, to, attachments, ...(question ? { question } : {}), ...(intake ? { intake } : {}) },
    };
  }
}

/** What happened in a conversation besides what was said: who came, who went, whose key is another. */

import { texts } from "../texts.ts";
import type { Conversation } from "./conversation.ts";
import { PERSON } from "./group.ts";
import type { Talk } from "./talk.ts";

const words = texts.people;

export interface Note {
  id: string;
  at: string;
  text: string;
}

export function notes({ circle }: Talk, conversation: Conversation): Note[] {
  const { refused, void: undone } = conversation.membership;
  const without = new Set([...refused, ...undone]);
  const name = (member: string, own: string): string => (member === circle.self ? own : circle.name(member));
  return conversation.acts().flatMap(({ name: id, form, at }) => {
    if (form.act === "create" || without.has(id)) return [];
    const [who, whom] = [name(PERSON + form.by, texts.talk.me), name(form.member, words.whom)];
    if (form.act === "add") return [{ id, at, text: words.added(who, whom) }];
    return [{ id, at, text: form.member === PERSON + form.by ? words.left(who) : words.removed(who, whom) }];
  });
}

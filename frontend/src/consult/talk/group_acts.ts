/** What a client states about a conversation: that it begins, and keys for those who belong (`docs/spec/consult/teams.md`). */

import { b64, type Bytes } from "../../crypto/encoding.ts";
import { groupKeyName, sealGroupKey, stateGroupKey } from "../../crypto/group_keys.ts";
import { stateAct } from "../../crypto/membership.ts";
import { peek, statementName } from "../../crypto/statements.ts";
import { SUITE } from "../../crypto/suite.ts";
import type { Failure } from "../../lib/live.ts";
import { TYP } from "../account.ts";
import { api, type Posted } from "../api.ts";
import { must, type Session, stating } from "../session.ts";
import type { Conversation } from "./conversation.ts";
import type { Directory } from "./directory.ts";

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

/** A fresh key, sealed to all `members`, each of whom was met. */
async function newKey(session: Session, directory: Directory, group: string, members: string[], heads: string[]): Promise<Posted> {
  const { signer, person: by, at } = await stating(session);
  const key = random(32);
  const to: { member: string; kem: string }[] = [];
  const sealed: Record<string, string> = {};
  for (const member of [...members].sort()) {
    const found = directory.get(member.slice("person:".length));
    if (!found?.keys || !found.kem) throw new Error(`no key of ${member} holds`);
    to.push({ member, kem: found.kem });
    sealed[member] = b64(await sealGroupKey("conversation", group, key, member, found.keys.person.kem));
  }
  const name = await groupKeyName("conversation", group, key);
  const stated = { v: 1 as const, suite: SUITE, group, key: name, kem: null, heads, to, by, as: `person:${by}`, at };
  return { typ: TYP.groupKey, signed: await stateGroupKey(stated, signer), sealed };
}

/** Begin a conversation with these people, and give all of them its first key. Its name. Throws Unanswered. */
export async function stateConversation(session: Session, directory: Directory, persons: string[]): Promise<string> {
  const { signer, person: by, at } = await stating(session);
  const names = [...new Set([by, ...persons])].map((each) => `person:${each}`).sort();
  const members = names.map((member) => ({ member, role: "member" as const }));
  const as = `person:${by}`;
  const create = { v: 1 as const, act: "create" as const, kind: "conversation" as const, members, keepers: [], nonce: b64(random(16)), by, as, at };
  const signed = await stateAct(create, signer);
  const group = await statementName(TYP.act, peek(signed));
  await must(api.state([{ typ: TYP.act, signed }, await newKey(session, directory, group, names, [group])]));
  return group;
}

/** A key for those who belong now. Null when the server has it. */
export async function makeKey(session: Session, directory: Directory, conversation: Conversation): Promise<Failure | null> {
  const { group, membership } = conversation;
  const members = [...membership.members.keys()];
  const answer = await api.state([await newKey(session, directory, group, members, membership.heads)]);
  return answer.ok ? null : answer;
}

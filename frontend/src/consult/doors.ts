/** Opening the keyset on a device that does not have it: with a passkey, a recovery code, or another device. */

import { unb64 } from "../crypto/encoding.ts";
import { require } from "../crypto/reasons.ts";
import type { Statement } from "../crypto/statements.ts";
import { unwrap, unwrapWithCode } from "../crypto/unlocking.ts";
import { opened, type OpenKeyset } from "./keyring/keyset.ts";
import { gesture } from "./keyring/passkey.ts";
import { collect, type Part, prepare, type Question, SharesError, type Unlocking } from "./keyring/unlock_by_shares.ts";
import type { Known } from "./session.ts";

/** The keyset, and what the key servers did on the way, if they were asked. */
export interface Opening {
  open: OpenKeyset;
  parts: Part[];
}

/** What key servers are asked with; null if no shares were deposited. */
export function unlocking({ account, servers, token }: Known): Unlocking | null {
  const { person, shares } = account;
  const named = shares?.shares.map(({ server }) => servers.find((each) => each.server === server)) ?? [];
  const found = named.filter((each) => each !== undefined);
  return shares && found.length === shares.shares.length ? { person, stated: shares, servers: found, token } : null;
}

/**
 * One gesture, which the passkey's PRF answers by itself, or else the key servers. Throws SharesError when they do not
 * and the passkey has no PRF, and a DOMException when the person stops.
 */
export async function openWithPasskey(known: Known): Promise<Opening> {
  const { account, kept } = known;
  const { person } = account.person;
  const asked = unlocking(known);
  let question: Question | null = null;
  let fault = new SharesError([]);
  try {
    question = asked && (await prepare(asked));
  } catch (error) {
    if (!(error instanceof SharesError)) throw error;
    fault = error;
  }
  const challenge = question?.challenge ?? crypto.getRandomValues(new Uint8Array(32));
  const { assertion, prf } = await gesture(person, account.passkeys, challenge);
  const box = kept?.wraps.find(({ method, id }) => method === "passkey" && id === assertion.credential);
  if (kept && box && prf) {
    const key = await unwrap("passkey", person, prf, box.wrap);
    return { open: await opened(kept.keyset, key, account.person), parts: [] };
  }
  if (!asked || !question) throw fault;
  return collect(asked, question, { assertion });
}

/** `code` as `readCode` gives it. Rejected, `unopenable`, if it is not the one that counts now. */
export async function openWithCode({ account, kept }: Known, code: string): Promise<Opening> {
  const box = kept?.wraps.find(({ method }) => method === "code");
  require(kept && box, "unopenable", "recovery code");
  const key = await unwrapWithCode(account.person.person, code, unb64(box.wrap));
  return { open: await opened(kept.keyset, key, account.person), parts: [] };
}

/** With the word of another device for `question`. */
export async function openWithApproval(known: Known, question: Question, approval: Statement): Promise<Opening> {
  const asked = unlocking(known);
  require(asked, "too-few-shares", "approval");
  return collect(asked, question, { approval });
}

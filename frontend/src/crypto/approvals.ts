/** Release without a passkey: another device of the person's, or two colleagues, approve one challenge (`release.md`). */

import * as v from "valibot";
import type { Device } from "./devices.ts";
import { b64, type Bytes } from "./encoding.ts";
import { decode, Id, Secret, Time, Version } from "./payloads.ts";
import { ADMITTERS, type KnownKey } from "./persons.ts";
import { require } from "./reasons.ts";
import { kidOf, sign, type Signer, type Statement, verify } from "./statements.ts";

const TYP = "balie-release-approval+jws";
const Approval = v.strictObject({ v: Version, person: Id, set: Id, challenge: Secret, at: Time });
export type Approval = v.InferOutput<typeof Approval>;

/** Signed by one device of the person, or by the person keys of colleagues. */
export const stateApproval = (approval: Approval, ...by: Signer[]): Promise<Statement> => sign(TYP, approval, by);

/** What an approval must be about, and who may give it. */
export interface Approving {
  person: string;
  set: string;
  challenge: Bytes;
  devices: Device[];
  colleagues: KnownKey[];
}

/** Who approves that the share of `set` is released for `challenge`. A revoked device approves nothing. */
export async function acceptApproval(
  statement: Statement,
  { person, set, challenge, devices, colleagues }: Approving,
): Promise<"device" | "colleagues"> {
  const own = new Map<string, Bytes>();
  for (const each of devices) if (each.person === person && !each.revoked) own.set(await kidOf(each.sign), each.sign);
  const others = new Map<string, KnownKey>();
  for (const each of colleagues) if (each.person !== person) others.set(await kidOf(each.sign), each);
  const allowed = new Map([...own, ...[...others].map(([kid, { sign }]) => [kid, sign] as const)]);
  const signed = await verify(TYP, statement, allowed);
  const approval = decode(signed.payload, Approval);
  require(approval.person === person, "wrong-person", TYP);
  require(approval.set === set, "stale", TYP);
  require(approval.challenge === b64(challenge), "wrong-challenge", TYP);
  if (signed.kids.some((kid) => own.has(kid))) return "device";
  const people = new Set(signed.kids.map((kid) => others.get(kid)!.person));
  require(people.size >= ADMITTERS, "missing-signature", TYP);
  return "colleagues";
}

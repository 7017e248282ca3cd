/** Release without a passkey: another device of the person's, or two colleagues, approve one challenge (`release.md`). */

import * as v from "valibot";
import type { Device, Stating } from "./devices.ts";
import { b64, type Bytes, info, sha256, unb64 } from "./encoding.ts";
import { decode, Id, Name, Secret, Time, Version } from "./payloads.ts";
import { ADMITTERS, BY_PERSON, type KnownKey, type Person, statedBy } from "./persons.ts";
import { require } from "./reasons.ts";
import { kidOf, sign, type Signer, type Statement, verify } from "./statements.ts";

const TYP = "balie-release-approval+jws";
const CODES = 10n ** 12n;
const Approval = v.strictObject({ v: Version, person: Id, set: Id, challenge: Secret, at: Time });
export type Approval = v.InferOutput<typeof Approval>;

/** Signed by one device of the person, or by the person keys of colleagues. */
export const stateApproval = (approval: Approval, ...by: Signer[]): Promise<Statement> => sign(TYP, approval, by);

/** Twelve digits that two screens show: that it is this question, not one that somebody else asks at that moment. */
export async function approvalCode(challenge: Bytes): Promise<string> {
  const hashed = await sha256(info("approval-code", challenge));
  const number = new DataView(hashed.buffer, hashed.byteOffset).getBigUint64(0);
  return String(number % CODES).padStart(12, "0");
}

const TRUSTEES_TYP = "balie-trustees+jws";
const TRUSTEES_MAX = 16;
/** Colleagues, two of whom may approve a release or admit a new key: a key server knows no teams. */
const Trustees = v.strictObject({
  ...BY_PERSON,
  colleagues: v.pipe(
    v.array(v.strictObject({ person: Id, sign: Name })),
    v.minLength(ADMITTERS),
    v.maxLength(TRUSTEES_MAX),
  ),
});

export const stateTrustees = (
  { signer, person, generation, at }: Stating,
  trusted: KnownKey[],
): Promise<Statement> => {
  const colleagues = trusted.map((each) => ({ person: each.person, sign: b64(each.sign) }));
  return sign(TRUSTEES_TYP, { v: 1, person, generation, at, colleagues }, [signer]);
};

/** Those whom `person` trusts: different people, and not themselves. */
export async function acceptTrustees(statement: Statement, person: Person): Promise<KnownKey[]> {
  const { colleagues } = await statedBy(person, TRUSTEES_TYP, Trustees, statement);
  const people = new Set(colleagues.map((each) => each.person));
  require(people.size === colleagues.length && !people.has(person.person), "malformed", TRUSTEES_TYP);
  return colleagues.map((each) => ({ person: each.person, sign: unb64(each.sign) }));
}

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

/** Passkeys of a person, registered under the person key: whoever logs people in cannot add one (`release.md`). */

import * as v from "valibot";
import type { Stating } from "./devices.ts";
import { b64, type Bytes, unb64 } from "./encoding.ts";
import { BY_PERSON, type Person, statedBy } from "./persons.ts";
import { require } from "./reasons.ts";
import { sign, type Statement } from "./statements.ts";

const TYP = "balie-passkey+jws";
const REVOKED_TYP = "balie-passkey-revoked+jws";
const Credential = v.pipe(v.string(), v.minLength(22), v.maxLength(1366));
/** `credential` is the authenticator's id for it, `key` its public key in COSE form, both in `b64`. */
const Passkey = v.strictObject({
  ...BY_PERSON,
  credential: Credential,
  key: v.pipe(v.string(), v.minLength(32), v.maxLength(4096)),
});
const PasskeyRevoked = v.strictObject({ ...BY_PERSON, credential: Credential });

export const statePasskey = (
  { signer, person, generation, at }: Stating,
  credential: Bytes,
  key: Bytes,
): Promise<Statement> =>
  sign(TYP, { v: 1, person, generation, at, credential: b64(credential), key: b64(key) }, [signer]);

export const revokePasskey = ({ signer, person, generation, at }: Stating, credential: Bytes): Promise<Statement> =>
  sign(REVOKED_TYP, { v: 1, person, generation, at, credential: b64(credential) }, [signer]);

/** The credential of the passkey that `statement` revokes. */
export const revokedPasskey = async (statement: Statement, person: Person): Promise<string> =>
  (await statedBy(person, REVOKED_TYP, PasskeyRevoked, statement)).credential;

/** Credential to COSE key, of every passkey that may release shares. */
export async function acceptPasskeys(
  statements: Statement[],
  revocations: Statement[],
  person: Person,
): Promise<Map<string, Bytes>> {
  const found = await Promise.all(statements.map((each) => statedBy(person, TYP, Passkey, each)));
  const gone = await Promise.all(revocations.map((each) => revokedPasskey(each, person)));
  for (const { credential } of found) unb64(credential);
  require(new Set(found.map(({ credential }) => credential)).size === found.length, "malformed", TYP);
  const kept = found.filter(({ credential }) => !gone.includes(credential));
  return new Map(kept.map(({ credential, key }) => [credential, unb64(key)]));
}

/** Statements: JSON that one or more have signed (`envelope.md`, "Statements"). */

import { calculateJwkThumbprint, CompactSign, compactVerify, importJWK, type CryptoKey, type JWK } from "jose";
import * as v from "valibot";
import { b64, type Bytes, nameOf, unb64, utf8 } from "./encoding.ts";
import { decode, encode, Name, shaped } from "./payloads.ts";
import { Rejected, require } from "./reasons.ts";

const ALGORITHM = "Ed25519";
const SIGNATURES_MAX = 4;
const PAYLOAD_MAX = 64 * 1024;
/** What stands before a raw Ed25519 seed in PKCS #8 (RFC 8410, section 7). */
const PKCS8_PREFIX = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]);

const Header = v.strictObject({ alg: v.string(), typ: v.string(), kid: Name });
const General = v.strictObject({
  payload: v.string(),
  signatures: v.pipe(
    v.array(v.strictObject({ protected: v.string(), signature: v.string() })),
    v.minLength(1),
    v.maxLength(SIGNATURES_MAX),
  ),
});

export type Statement = v.InferOutput<typeof General>;
/** kid to Ed25519 public key: whose signature may count here. */
export type Signers = ReadonlyMap<string, Bytes>;

/** Somebody who signs: from a seed, or a key of the browser that cannot be taken out. */
export interface Signer {
  readonly privateKey: CryptoKey;
  readonly publicKey: Bytes;
}

/** A payload whose every signature was verified. */
export interface Signed {
  payload: Bytes;
  kids: string[];
  name: string;
}

const jwkOf = (publicKey: Bytes): JWK => ({ kty: "OKP", crv: ALGORITHM, x: b64(publicKey) });

/** The one who signs with a 32-byte Ed25519 seed. */
export async function signerOf(seed: Bytes): Promise<Signer> {
  require(seed.length === 32, "malformed-key", "seed");
  const pkcs8 = new Uint8Array([...PKCS8_PREFIX, ...seed]);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, ALGORITHM, true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", privateKey);
  return { privateKey, publicKey: unb64(x!) };
}

/** What a signing key is called: its thumbprint (RFC 7638). */
export const kidOf = (publicKey: Bytes): Promise<string> => calculateJwkThumbprint(jwkOf(publicKey));

export const signers = async (...publicKeys: Bytes[]): Promise<Map<string, Bytes>> =>
  new Map(await Promise.all(publicKeys.map(async (each) => [await kidOf(each), each] as const)));

/** What a statement is called: by its type and payload, whoever signed. */
export const statementName = (typ: string, payload: Bytes): Promise<string> => nameOf("statement", utf8(typ), payload);

/** A JWS by one signer, in its compact form. */
export const signCompact = async (typ: string, payload: Bytes, { privateKey, publicKey }: Signer): Promise<string> =>
  new CompactSign(payload)
    .setProtectedHeader({ alg: ALGORITHM, typ, kid: await kidOf(publicKey) })
    .sign(privateKey);

/** `payload` signed by each of `by`, as general JSON (RFC 7515, section 7.2.1). */
export async function sign(typ: string, payload: object, by: Signer[]): Promise<Statement> {
  const data = encode(payload);
  const compact = await Promise.all(by.map(async (each) => (await signCompact(typ, data, each)).split(".")));
  const signatures = compact.map(([header, , signature]) => ({ protected: header!, signature: signature! }));
  return { payload: b64(data), signatures };
}

/** One more signature to what somebody else stated. */
export async function cosign(typ: string, { payload, signatures }: Statement, by: Signer): Promise<Statement> {
  const [header, , signature] = (await signCompact(typ, unb64(payload), by)).split(".");
  return { payload, signatures: [...signatures, { protected: header!, signature: signature! }] };
}

/** The payload, and the kid of the one of `signers` who signed it. */
export async function verifyCompact(typ: string, text: string, signers: Signers): Promise<{ payload: Bytes; kid: string }> {
  const parts = text.split(".");
  require(parts.length === 3, "malformed", typ);
  const header = decode(unb64(parts[0]!), Header);
  const payload = unb64(parts[1]!);
  unb64(parts[2]!, 64);
  require(payload.length <= PAYLOAD_MAX, "malformed", typ);
  require(header.alg === ALGORITHM, "wrong-algorithm", typ);
  require(header.typ === typ, "wrong-type", typ);
  const publicKey = signers.get(header.kid);
  require(publicKey, "unknown-signer", typ);
  try {
    await compactVerify(text, await importJWK(jwkOf(publicKey), ALGORITHM), { algorithms: [ALGORITHM] });
  } catch {
    throw new Rejected("bad-signature", typ);
  }
  return { payload, kid: header.kid };
}

/** The payload before anyone vouches for it: only to learn whose signature to ask. */
export const peek = (statement: Statement): Bytes => unb64(shaped(statement, General).payload);

/** The payload of `statement`. Every signature MUST verify, and be by one of `signers`, each once. */
export async function verify(typ: string, statement: Statement, signers: Signers): Promise<Signed> {
  const general = shaped(statement, General);
  const kids: string[] = [];
  for (const each of general.signatures) {
    const compact = `${each.protected}.${general.payload}.${each.signature}`;
    kids.push((await verifyCompact(typ, compact, signers)).kid);
  }
  require(new Set(kids).size === kids.length, "malformed", typ);
  const payload = unb64(general.payload);
  return { payload, kids, name: await statementName(typ, payload) };
}

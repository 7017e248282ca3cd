/**
 * A passkey for the keyset: one gesture answers the key servers' challenge, and evaluates the PRF where the
 * authenticator has one.
 */

import { decodePartialCBOR } from "@levischuck/tiny-cbor";
import { b64, type Bytes, unb64 } from "../../crypto/encoding.ts";
import { require } from "../../crypto/reasons.ts";
import { prfInput } from "../../crypto/unlocking.ts";

/** Where the credential's key begins in authenticator data: after rp id, flags, counter, AAGUID, length and id. */
const LENGTH_AT = 53;
const ES256 = -7;
const EDDSA = -8;
const RS256 = -257;
/** As long as a key server's nonce is good. */
const PATIENCE_MS = 120_000;

export interface NewPasskey {
  credential: Bytes;
  /** COSE: what a key server checks gestures with. */
  key: Bytes;
  /** What its PRF gave; null if it has none, or gives it only at a later gesture. */
  prf: Bytes | null;
  hasPrf: boolean;
}

/** The assertion in the form in which it goes to a key server (`keyserver.md`, "Release"), each in `b64`. */
export interface Assertion {
  credential: string;
  client_data: string;
  authenticator_data: string;
  signature: string;
}

export interface Gesture {
  assertion: Assertion;
  prf: Bytes | null;
}

/** Rejects with a DOMException, as the browser does, when the person stops or cannot. */
export async function makePasskey(about: {
  person: string;
  name: string;
  displayName: string;
  existing: string[];
}): Promise<NewPasskey> {
  const made = (await navigator.credentials.create({
    publicKey: {
      rp: { name: "Balie" },
      user: { id: unb64(about.person), name: about.name, displayName: about.displayName },
      // Nobody checks what is signed here: the key counts because the person states it.
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      pubKeyCredParams: [ES256, EDDSA, RS256].map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: about.existing.map((id) => ({ type: "public-key", id: unb64(id) })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      attestation: "none",
      timeout: PATIENCE_MS,
      extensions: { prf: { eval: { first: prfInput(about.person) } } },
    },
  })) as PublicKeyCredential | null;
  if (made === null) throw new DOMException("no credential", "NotAllowedError");
  const response = made.response as AuthenticatorAttestationResponse;
  const { prf } = made.getClientExtensionResults();
  return {
    credential: new Uint8Array(made.rawId),
    key: coseIn(new Uint8Array(response.getAuthenticatorData())),
    prf: bytesOf(prf?.results?.first),
    hasPrf: prf?.enabled === true || prf?.results !== undefined,
  };
}

/** One gesture with any of `credentials`, for `challenge`. */
export async function gesture(person: string, credentials: string[], challenge: Bytes): Promise<Gesture> {
  const given = (await navigator.credentials.get({
    publicKey: {
      challenge,
      allowCredentials: credentials.map((id) => ({ type: "public-key", id: unb64(id) })),
      userVerification: "required",
      timeout: PATIENCE_MS,
      extensions: { prf: { eval: { first: prfInput(person) } } },
    },
  })) as PublicKeyCredential | null;
  if (given === null) throw new DOMException("no credential", "NotAllowedError");
  const response = given.response as AuthenticatorAssertionResponse;
  return {
    assertion: {
      credential: b64(new Uint8Array(given.rawId)),
      client_data: b64(new Uint8Array(response.clientDataJSON)),
      authenticator_data: b64(new Uint8Array(response.authenticatorData)),
      signature: b64(new Uint8Array(response.signature)),
    },
    prf: bytesOf(given.getClientExtensionResults().prf?.results?.first),
  };
}

/** The credential's public key as the authenticator gave it, without the extensions that may follow it. */
export function coseIn(data: Bytes): Bytes {
  require(data.length > LENGTH_AT + 2, "malformed", "authenticator data");
  const from = LENGTH_AT + 2 + new DataView(data.buffer, data.byteOffset).getUint16(LENGTH_AT);
  require(from < data.length, "malformed", "authenticator data");
  const [, length] = decodePartialCBOR(data, from);
  // The library reads short strings beyond the end without a word.
  require(from + length <= data.length, "malformed", "authenticator data");
  return data.slice(from, from + length);
}

const bytesOf = (source: BufferSource | undefined): Bytes | null =>
  source === undefined ? null : new Uint8Array(source instanceof ArrayBuffer ? source.slice(0) : copied(source));

const copied = ({ buffer, byteOffset, byteLength }: ArrayBufferView): ArrayBuffer =>
  buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;

/** A passkey in a real browser, with an authenticator of software: what it signs, and what its PRF opens. */

import { cdp } from "vitest/browser";
import { afterEach, beforeEach, expect, it } from "vitest";
import { b64, sha256, unb64, utf8 } from "../../crypto/encoding.ts";
import { unwrap, wrap } from "../../crypto/unlocking.ts";
import { gesture, makePasskey } from "./passkey.ts";

const PERSON = b64(crypto.getRandomValues(new Uint8Array(16)));
const ABOUT = { person: PERSON, name: "anna@linde.example", displayName: "Anna", existing: [] };
let authenticator: string;

async function plugIn(hasPrf: boolean): Promise<void> {
  await cdp().send("WebAuthn.enable");
  const options = { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true } as const;
  const able = { hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, hasPrf };
  const added = await cdp().send("WebAuthn.addVirtualAuthenticator", { options: { ...options, ...able } });
  authenticator = added.authenticatorId;
}

beforeEach(() => plugIn(true));
afterEach(() => cdp().send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: authenticator }));

it("signs a challenge, verified, with the key that was stated", async () => {
  const made = await makePasskey(ABOUT);
  const challenge = await sha256(utf8("a challenge"));
  const { assertion } = await gesture(PERSON, [b64(made.credential)], challenge);
  expect(assertion.credential).toBe(b64(made.credential));
  const client = JSON.parse(new TextDecoder().decode(unb64(assertion.client_data)));
  expect(client).toMatchObject({ type: "webauthn.get", challenge: b64(challenge), origin: location.origin });
  const USER_VERIFIED = 0x04;
  expect(unb64(assertion.authenticator_data)[32]! & USER_VERIFIED).toBe(USER_VERIFIED);
  expect(made.key.length).toBeGreaterThan(32);
});

it("opens by its PRF what it wrapped", async () => {
  const made = await makePasskey(ABOUT);
  expect(made.hasPrf).toBe(true);
  const key = crypto.getRandomValues(new Uint8Array(32));
  const { prf } = await gesture(PERSON, [b64(made.credential)], new Uint8Array(32));
  const box = await wrap("passkey", PERSON, prf!, key);
  const again = await gesture(PERSON, [b64(made.credential)], new Uint8Array(32));
  expect(await unwrap("passkey", PERSON, again.prf!, box)).toEqual(key);
});

it("goes without a PRF where there is none", async () => {
  await cdp().send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: authenticator });
  await plugIn(false);
  const made = await makePasskey(ABOUT);
  expect([made.hasPrf, made.prf]).toEqual([false, null]);
  expect((await gesture(PERSON, [b64(made.credential)], new Uint8Array(32))).prf).toBeNull();
});

it("is not made twice on one authenticator", async () => {
  const made = await makePasskey(ABOUT);
  const again = makePasskey({ ...ABOUT, existing: [b64(made.credential)] });
  await expect(again).rejects.toMatchObject({ name: "InvalidStateError" });
});

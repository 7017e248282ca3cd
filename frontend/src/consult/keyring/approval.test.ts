import { beforeAll, expect, it } from "vitest";
import { acceptApproval } from "../../crypto/approvals.ts";
import { b64, type Bytes, sha256, utf8 } from "../../crypto/encoding.ts";
import { signerOf } from "../../crypto/statements.ts";
import { approve } from "./approval.ts";
import type { OwnDevice } from "./own_device.ts";

const id = (what: number): string => b64(new Uint8Array(16).fill(what));
let own: OwnDevice;
let challenge: Bytes;

beforeAll(async () => {
  challenge = await sha256(utf8("what a new device asks"));
  const lock = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  own = { person: id(1), device: id(2), sign: await signerOf(new Uint8Array(32).fill(3)), lock };
});

const judged = async (revoked: boolean, about: Bytes) => {
  const { person, device, sign } = own;
  const devices = [{ person, device, sign: sign.publicKey, revoked }];
  const approving = { person, set: id(4), challenge: about, devices, colleagues: [] };
  return acceptApproval(await approve(own, id(4), challenge, 1), approving);
};

it("lets another device in", async () => expect(await judged(false, challenge)).toBe("device"));

it("approves this one question, and only while it is not revoked", async () => {
  const other = await sha256(utf8("another question"));
  await expect(judged(false, other)).rejects.toMatchObject({ reason: "wrong-challenge" });
  await expect(judged(true, challenge)).rejects.toMatchObject({ reason: "unknown-signer" });
});

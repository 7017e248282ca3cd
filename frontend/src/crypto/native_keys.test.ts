/** Keys that cannot be taken out of the browser do what seeds do. */

import { expect, it } from "vitest";
import { acceptDevice, certifyDevice } from "./devices.ts";
import { b64, type Bytes } from "./encoding.ts";
import { acceptPersonKey, statePersonKey } from "./persons.ts";
import { sign, type Signer, signerOf, signers, verify } from "./statements.ts";
import { unwrapOnDevice, wrapForDevice } from "./unlocking.ts";

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

async function nativeSigner(): Promise<Signer> {
  const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  return { ...pair, publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

it("signs with a device's key, which the person certifies", async () => {
  const [device, signer, person] = [await nativeSigner(), await signerOf(random(32)), b64(random(16))];
  await expect(crypto.subtle.exportKey("pkcs8", device.privateKey)).rejects.toThrow();
  const own = { person, generation: 1, at: 1, signer };
  const stated = await statePersonKey({ ...own, kemSeed: random(32), previous: null });
  const accepted = await acceptPersonKey(stated, { person, known: null });
  const certified = await acceptDevice(await certifyDevice(own, b64(random(16)), device.publicKey), accepted);
  const statement = await sign("balie-example+jws", { v: 1 }, [device]);
  expect((await verify("balie-example+jws", statement, await signers(certified.sign))).kids).toHaveLength(1);
});

it("wraps the keyset's key under a device's key", async () => {
  const deviceKey = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const [key, person, device] = [random(32), b64(random(16)), b64(random(16))];
  const box = await wrapForDevice(person, device, deviceKey, key);
  expect(await unwrapOnDevice(person, device, deviceKey, box)).toEqual(key);
});

/** Key servers that cosign whatever a test asks of them. Tests only. */

import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { type Bytes, joined, sha256, utf8 } from "../../crypto/encoding.ts";
import type { Cosigner } from "../../crypto/keylog.ts";
import { signerOf } from "../../crypto/statements.ts";

export const ORIGIN = "balie.example/key-log";
export const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
const std = (data: Uint8Array): string => btoa(String.fromCharCode(...data));

export interface Server extends Cosigner {
  lines: (body: string) => Promise<string>;
}

export async function keyServer(server: string): Promise<Server> {
  const ed25519 = await signerOf(random(32));
  const { secretKey, publicKey } = ml_dsa65.keygen();
  const [sign, mlDsa] = [ed25519.publicKey, new Uint8Array(publicKey)];
  const time = new Uint8Array(8);
  const line = async (kind: Uint8Array, key: Bytes, signature: Uint8Array): Promise<string> => {
    const id = (await sha256(joined(utf8(`${server}\n`), kind, key))).subarray(0, 4);
    return `— ${server} ${std(joined(id, time, signature))}\n`;
  };
  const lines = async (body: string): Promise<string> => {
    const message = utf8(`cosignature/v1\ntime 0\n${body}`);
    const signed = new Uint8Array(await crypto.subtle.sign("Ed25519", ed25519.privateKey, message));
    const other = ml_dsa65.sign(message, secretKey);
    const kind = joined(Uint8Array.of(0xff), utf8("ml-dsa-65"));
    return (await line(Uint8Array.of(4), sign, signed)) + (await line(kind, mlDsa, other));
  };
  return { server, sign, mlDsa, lines };
}

/** A checkpoint of this size, as these cosigned it. */
export async function noteOf(by: Server[], size: number, root: Bytes): Promise<string> {
  const body = `${ORIGIN}\n${size}\n${std(root)}\n`;
  const lines = await Promise.all(by.map((each) => each.lines(body)));
  return `${body}\n${lines.join("")}`;
}

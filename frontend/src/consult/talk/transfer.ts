/** Encrypted files up and down (`docs/spec/consult/server.md`, "attachment"). An answer is a value or a failure. */

import type { Bytes } from "../../crypto/encoding.ts";
import { type Answer, failure } from "../../lib/live.ts";
import { language } from "../../lib/texts.ts";

const PATH = "/live/consult/attachment";
/** The server waits 10 s, and for lines that carry so many bytes a second; a little longer so do we. */
const PATIENCE_MS = 12_000;
const SLOWEST = 32 * 1024;

/** `told` hears which share of it has left, from 0 to 1: that is what fetch cannot tell. */
export function sendFile(group: string, file: Bytes, told: (share: number) => void): Promise<Answer<{ hash: string }>> {
  return new Promise((resolve) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", `${PATH}?group=${group}`);
    asked.setRequestHeader("Content-Type", "application/octet-stream");
    asked.setRequestHeader("Accept-Language", language);
    asked.timeout = PATIENCE_MS + (1000 * file.length) / SLOWEST;
    asked.upload.onprogress = ({ loaded, total }) => told(loaded / total);
    asked.onload = () => resolve(answerOf(asked.status, asked.responseText));
    asked.onerror = asked.ontimeout = () => resolve(failure(0, { code: "no_connection" }));
    asked.send(file);
  });
}

export async function fetchFile(group: string, hash: string): Promise<Answer<Bytes>> {
  try {
    const headers = { "Accept-Language": language };
    const response = await fetch(`${PATH}?group=${group}&hash=${hash}`, { headers });
    if (!response.ok) return failure(response.status, await response.json());
    return { ok: true, value: new Uint8Array(await response.arrayBuffer()) };
  } catch {
    return failure(0, { code: "no_connection" });
  }
}

function answerOf(status: number, text: string): Answer<{ hash: string }> {
  try {
    const body: unknown = JSON.parse(text);
    return status === 200 ? { ok: true, value: body as { hash: string } } : failure(status, body);
  } catch {
    return failure(status, null);
  }
}

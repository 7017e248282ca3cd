/** The key log: what its entries are, and checkpoints that key servers cosign (`docs/spec/consult/keylog.md`). */

import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { type Bytes, info, joined, nameOf, sha256, utf8 } from "./encoding.ts";
import { Rejected, require } from "./reasons.ts";
import { checkConsistency, checkInclusion, leafHash } from "./trees.ts";

const THRESHOLD = 2;
const NOTE_MAX = 64 * 1024;
const LINES_MOST = 16;
const ED25519 = Uint8Array.of(0x04);
const ML_DSA_65 = joined(Uint8Array.of(0xff), utf8("ml-dsa-65"));
const BODY = /^([^\s+]{1,255})\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n$/;
const LINE = /^— (\S{1,64}) ([A-Za-z0-9+/]+={0,2})$/;
const ID_BYTES = 4;
const TIME_BYTES = 8;
const LEAST_BYTES = 32;

/** What the log of an installation (`origin`) was at a size: the root of its tree. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
}

/** A key server as whoever checks its cosignatures knows it: its Ed25519 and its ML-DSA-65 public key. */
export interface Cosigner {
  server: string;
  sign: Bytes;
  mlDsa: Bytes;
}

/** A checkpoint that was accepted: who cosigned it, and since when two had, in seconds since 1970. */
export interface Cosigned extends Checkpoint {
  servers: string[];
  at: number;
}

interface Line {
  server: string;
  data: Bytes;
}

/** Whose keys an entry is about, for those who know the person's id. */
export const entryOf = (person: string): Promise<string> => nameOf("key-log-of", utf8(person));

/** That this statement of this person is in the log; else `not-in-log`. */
export async function checkEntry(
  { size, root }: Pick<Checkpoint, "size" | "root">,
  entry: { person: string; statement: string; index: number; proof: Bytes[] },
): Promise<void> {
  const leaf = await leafHash(info("key-log-entry", utf8(await entryOf(entry.person)), utf8(entry.statement)));
  await checkInclusion({ leaf, index: entry.index, size, root, proof: entry.proof });
}

/** That a checkpoint goes on from one that was seen before: `stale` when it is older, `forked` when of another log. */
export async function checkFollows(checkpoint: Checkpoint, seen: Checkpoint, proof: Bytes[]): Promise<void> {
  require(checkpoint.origin === seen.origin, "forked", "origin");
  require(checkpoint.size >= seen.size, "stale", "checkpoint");
  const { size, root } = seen;
  await checkConsistency({ size, root, laterSize: checkpoint.size, laterRoot: checkpoint.root, proof });
}

/** The checkpoint in a note, which at least two of `cosigners` MUST have signed with both their keys. */
export async function acceptCheckpoint(note: string, origin: string, cosigners: Cosigner[]): Promise<Cosigned> {
  const { body, lines } = split(note);
  const found = BODY.exec(body);
  require(found !== null && Number(found[2]) <= Number.MAX_SAFE_INTEGER, "malformed", "checkpoint");
  const checkpoint = { origin: found[1]!, size: Number(found[2]), root: unbase64(found[3]!) };
  require(checkpoint.origin === origin, "forked", "origin");
  const both: { server: string; at: number }[] = [];
  for (const known of cosigners) {
    const times = await timesOf(known, body, lines);
    if (times.length === 2) both.push({ server: known.server, at: Math.min(...times) });
  }
  require(both.length >= THRESHOLD, "too-few-cosignatures", "checkpoint");
  const times = both.map(({ at }) => at).sort((one, other) => other - one);
  return { ...checkpoint, servers: both.map(({ server }) => server).sort(), at: times[THRESHOLD - 1]! };
}

/** What was signed, and the signature lines. */
function split(note: string): { body: string; lines: Line[] } {
  const end = note.indexOf("\n\n");
  const lines = note.slice(end + 2).split("\n");
  const fine = end >= 0 && note.length <= NOTE_MAX && lines.pop() === "" && lines.length >= 1 && lines.length <= LINES_MOST;
  require(fine, "malformed", "checkpoint");
  return { body: note.slice(0, end + 1), lines: lines.map(lineOf) };
}

function lineOf(line: string): Line {
  const found = LINE.exec(line);
  require(found, "malformed", "line");
  return { server: found[1]!, data: unbase64(found[2]!) };
}

/** When a key server signed, once for each of its keys whose signature is there. Rejects if one is wrong. */
async function timesOf(known: Cosigner, body: string, lines: Line[]): Promise<number[]> {
  const checks = new Map([
    [await keyId(known.server, ED25519, known.sign), verifyEd25519(known.sign)],
    [await keyId(known.server, ML_DSA_65, known.mlDsa), verifyMlDsa(known.mlDsa)],
  ]);
  const times = new Map<string, number>();
  for (const { server, data } of lines) {
    const id = String(data.subarray(0, ID_BYTES));
    const check = checks.get(id);
    if (server !== known.server || check === undefined) continue;
    const at = Number(new DataView(data.buffer, data.byteOffset).getBigUint64(ID_BYTES));
    require(!times.has(id) && at <= Number.MAX_SAFE_INTEGER, "malformed", "line");
    const message = utf8(`cosignature/v1\ntime ${at}\n${body}`);
    require(await check(data.slice(ID_BYTES + TIME_BYTES), message), "bad-signature", "checkpoint");
    times.set(id, at);
  }
  return [...times.values()];
}

type Check = (signature: Bytes, message: Bytes) => boolean | Promise<boolean>;

function verifyEd25519(publicKey: Bytes): Check {
  const key = crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  return async (signature, message) => crypto.subtle.verify("Ed25519", await key, signature, message);
}

const verifyMlDsa =
  (publicKey: Bytes): Check =>
  (signature, message) => {
    try {
      return ml_dsa65.verify(signature, message, publicKey);
    } catch {
      return false;
    }
  };

/** What a signature line calls its key (C2SP signed-note). */
const keyId = async (server: string, kind: Bytes, publicKey: Bytes): Promise<string> =>
  String((await sha256(joined(utf8(`${server}\n`), kind, publicKey))).subarray(0, ID_BYTES));

function unbase64(text: string): Bytes {
  try {
    const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    require(btoa(String.fromCharCode(...data)) === text && data.length >= LEAST_BYTES, "malformed", "base64");
    return data;
  } catch {
    throw new Rejected("malformed", "base64");
  }
}

/** What each `op` of the vectors asks of us; `balie/consult/protocol/tests/ops.py` answers the same. Tests only. */

import { readQuestionnaire, triage } from "../consult/econsults/triage.ts";
import { bundle } from "../consult/talk/bundle.ts";
import { page } from "../consult/talk/page.ts";
import { acceptApproval, acceptTrustees, approvalCode } from "./approvals.ts";
import { openAttachment } from "./attachments.ts";
import { unlock } from "./boxes.ts";
import { acceptDevice, type Device } from "./devices.ts";
import { b64, info, nameOf, unb64 } from "./encoding.ts";
import { acceptGroupKey, chooseKey, groupKeyName, openGroupKey } from "./group_keys.ts";
import { acceptCheckpoint, checkEntry, checkFollows, type Cosigner, entryOf } from "./keylog.ts";
import { openKeyset } from "./keysets.ts";
import { acceptAct, type Membership, replay } from "./membership.ts";
import { isNew, type Opened, openMessage, padded, unpadded } from "./messages.ts";
import { acceptPasskeys } from "./passkeys.ts";
import { acceptPersonKey, type KnownKey, type Person, safetyNumber } from "./persons.ts";
import { acceptHeld, challengeOf, type KeyServer, openReply } from "./release.ts";
import { acceptReserve, drill, openCopy, type Part, readPart, restore, writePart } from "./reserve.ts";
import { acceptShareSet, combine, shareHash, type ShareSet } from "./shares.ts";
import { kidOf, signCompact, signerOf, signers, verify } from "./statements.ts";
import { publicName, publicOf, seal, unseal } from "./suite.ts";
import { derivedKey, passphrase, prfInput, unwrap, unwrapOnDevice, unwrapWithCode } from "./unlocking.ts";

type Given = any;

const hex = (data: Uint8Array): string => [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const all = (texts: string[]) => texts.map((text) => unb64(text));

const knownKeys = (listed: Given[] = []): KnownKey[] =>
  listed.map(({ person, sign, teams }) => ({ person, sign: unb64(sign), teams }));

async function replayed(v: Given): Promise<Membership> {
  const acts = [];
  for (const each of v.acts) acts.push(await acceptAct(each, knownKeys(v.known)));
  return replay(v.group, acts);
}

const devicesIn = (v: Given): Device[] => v.devices.map((each: Given) => ({ ...each, sign: unb64(each.sign) }));

const opened = (v: Given): Promise<Opened> =>
  openMessage(v.envelope, v.message_id, {
    conversation: v.conversation,
    key: unb64(v.key),
    devices: devicesIn(v),
    writers: new Map(Object.entries(v.writers)),
  });

/** The person that a chain of statements makes known. */
async function personIn(v: Given, who = "person", chain = "statements"): Promise<Person> {
  const vouchers = { admitters: knownKeys(v.admitters), reserves: all(v.reserves ?? []) };
  let known: Person | null = null;
  for (const statement of v[chain]) known = await acceptPersonKey(statement, { person: v[who], known, ...vouchers });
  return known!;
}

const statedIn = async (v: Given): Promise<ShareSet> => acceptShareSet(v.share_set, await personIn(v));
const partsIn = async (v: Given): Promise<Part[]> => {
  const parts = [];
  for (const each of v.parts) parts.push(await readPart(each));
  return parts;
};
const serverIn = (v: Given): KeyServer => ({ server: v.server, kem: new Uint8Array(0), sign: unb64(v.server_sign) });

export const OPS: Record<string, (given: Given) => unknown> = {
  info: (v) => b64(info(v.label, ...all(v.fields))),
  name: (v) => nameOf(v.label, ...all(v.fields)),
  unb64: (v) => hex(unb64(v.text, v.length)),
  public_of: async (v) => b64(await publicOf(unb64(v.seed))),
  public_name: (v) => publicName(unb64(v.public)),
  seal: async (v) => b64(await seal(unb64(v.public), unb64(v.info), unb64(v.plaintext))),
  unseal: async (v) => b64(await unseal(unb64(v.seed), unb64(v.info), unb64(v.sealed))),
  kid: (v) => kidOf(unb64(v.public)),
  sign_compact: async (v) => signCompact(v.typ, unb64(v.payload), await signerOf(unb64(v.seed))),
  verify: async (v) => {
    const { payload, kids, name } = await verify(v.typ, v.statement, await signers(...all(v.signers)));
    return { payload: b64(payload), kids, name };
  },
  unlock_box: async (v) => {
    const key = unb64(v.key);
    return b64(await unlock(v.typ, v.kid === null ? key : { key, kid: v.kid }, v.box));
  },
  accept_person: async (v) => {
    const { generation, sign, name, how, vouchers, era } = await personIn(v);
    return { generation, sign: b64(sign), name, how, vouchers, era: [...era.keys()].sort() };
  },
  accept_device: async (v) => {
    const { device, sign, revoked } = await acceptDevice(v.certificate, await personIn(v), v.revocations);
    return { device, sign: b64(sign), revoked };
  },
  safety_number: async (v) => safetyNumber(await personIn(v, "one_id", "one"), await personIn(v, "other_id", "other")),
  open_keyset: async (v) => {
    const { generations } = await openKeyset(v.box, unb64(v.key), v.person, v.generation);
    return generations.map(({ generation, kem, sign }) => [generation, kem, sign]);
  },
  prf_input: (v) => b64(prfInput(v.person)),
  derived_key: async (v) => b64(await derivedKey(v.method, v.person, unb64(v.secret))),
  unwrap: async (v) => b64(await unwrap(v.method, v.person, unb64(v.secret), v.box)),
  unwrap_on_device: async (v) => b64(await unwrapOnDevice(v.person, v.device, unb64(v.device_key), v.box)),
  unwrap_with_code: async (v) => b64(await unwrapWithCode(v.person, v.code, unb64(v.file))),
  passphrase: (v) => passphrase(v.code),
  share_hash: (v) => shareHash(v.person, v.set, v.server, unb64(v.share)),
  replay: async (v) => {
    const found = await replayed(v);
    return { ...found, members: Object.fromEntries(found.members) };
  },
  group_key_name: (v) => groupKeyName(v.kind, v.group, unb64(v.key)),
  open_group_key: async (v) =>
    b64(await openGroupKey(v.kind, v.group, v.key, v.member, unb64(v.seed), unb64(v.sealed))),
  accept_group_key: async (v) => (await acceptGroupKey(v.statement, v.kind, knownKeys(v.known))).key,
  choose_key: async (v) => {
    const stated = [];
    for (const each of v.stated) stated.push(await acceptGroupKey(each, "conversation", knownKeys(v.known)));
    return chooseKey(v.group, await replayed(v), stated, new Map(Object.entries(v.current)));
  },
  challenge: async (v) => b64(await challengeOf(await statedIn(v), unb64(v.reply), v.offers)),
  open_reply: async (v) => {
    const asked = { text: v.text, challenge: unb64(v.challenge) };
    return b64(await openReply(await statedIn(v), serverIn(v), unb64(v.reply_seed), asked));
  },
  accept_held: async (v) => acceptHeld(await statedIn(v), serverIn(v), { text: v.text, nonce: unb64(v.nonce) }),
  accept_passkeys: async (v) => {
    const found = await acceptPasskeys(v.passkeys, v.revocations, await personIn(v));
    return Object.fromEntries([...found].map(([credential, key]) => [credential, b64(key)]));
  },
  accept_trustees: async (v) => {
    const found = await acceptTrustees(v.trustees, await personIn(v));
    return found.map(({ person, sign }) => ({ person, sign: b64(sign) }));
  },
  approval_code: async (v) => approvalCode(unb64(v.challenge)),
  accept_approval: async (v) => {
    const { person, set } = v;
    const [challenge, devices, colleagues] = [unb64(v.challenge), devicesIn(v), knownKeys(v.colleagues)];
    return acceptApproval(v.approval, { person, set, challenge, devices, colleagues });
  },
  padded: (v) => b64(padded(unb64(v.data))),
  unpadded: (v) => b64(unpadded(unb64(v.data))),
  open_message: async (v) => {
    const { message, name, revoked } = await opened(v);
    return { name, content: message.content, revoked };
  },
  is_new: async (v) => isNew(await opened(v), new Map(Object.entries(v.known))),
  write_part: (v) => writePart(unb64(v.part)),
  read_part: async (v) => {
    const { number, set, data } = await readPart(v.text);
    return { number, set, data: b64(data) };
  },
  accept_reserve: (v) => acceptReserve(v.statement, knownKeys(v.known)),
  reserve_drill: async (v) => {
    await drill(await acceptReserve(v.statement, knownKeys(v.known)), await partsIn(v));
    return null;
  },
  reserve_restore: async (v) => b64(await restore(await acceptReserve(v.statement, knownKeys(v.known)), await partsIn(v))),
  open_reserve_copy: async (v) => b64(await openCopy(v.team, v.named, unb64(v.seed), unb64(v.sealed))),
  triage: (v) => triage(readQuestionnaire(v.questionnaire), new Map(Object.entries<string>(v.answers))),
  bundle: (v) => bundle(v.extract),
  page: (v) => page(v.extract, v.words, (at) => at),
  open_attachment: async (v) => b64(await openAttachment(unb64(v.file), v.described)),
  key_log_of: (v) => entryOf(v.person),
  check_entry: async (v) => {
    const entry = { person: v.person, statement: v.statement, index: v.index, proof: all(v.proof) };
    await checkEntry({ size: v.size, root: unb64(v.root) }, entry);
    return null;
  },
  check_follows: async (v) => {
    const seen = { origin: "balie.example/key-log", size: v.seen_size, root: unb64(v.seen_root) };
    await checkFollows({ origin: v.origin, size: v.size, root: unb64(v.root) }, seen, all(v.proof));
    return null;
  },
  accept_checkpoint: async (v) => {
    const cosigners: Cosigner[] = v.cosigners.map((each: Given) => ({
      server: each.server,
      sign: unb64(each.sign),
      mlDsa: unb64(each.ml_dsa),
    }));
    const { size, root, servers, at } = await acceptCheckpoint(v.note, v.origin, cosigners);
    return { size, root: b64(root), servers, at };
  },
  combine: async (v) => {
    const shares = new Map(Object.entries<string>(v.shares).map(([server, share]) => [server, unb64(share)] as const));
    return b64(await combine(await statedIn(v), shares));
  },
};

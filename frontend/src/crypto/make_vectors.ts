/**
 * Writes `docs/spec/vectors/consult/from_typescript.json`: what this side seals, signs and splits, for Python to open.
 * `npm run vectors`; the bytes differ on every run, the answers never.
 */

import { writeFileSync } from "node:fs";
import { stateApproval, stateTrustees } from "./approvals.ts";
import { sealAttachment } from "./attachments.ts";
import { lock } from "./boxes.ts";
import { certifyDevice, type Stating } from "./devices.ts";
import { b64, type Bytes, info, joined, nameOf, sha256, utf8 } from "./encoding.ts";
import { groupKeyName, sealGroupKey, stateGroupKey } from "./group_keys.ts";
import { lockKeyset } from "./keysets.ts";
import { acceptAct, stateAct } from "./membership.ts";
import { sealMessage } from "./messages.ts";
import { encode } from "./payloads.ts";
import { statePasskey } from "./passkeys.ts";
import { acceptPersonKey, statePersonKey } from "./persons.ts";
import { sealDeposit } from "./release.ts";
import { acceptShareSet, split, stateShareSet } from "./shares.ts";
import { signCompact, type Signer, signerOf, type Statement } from "./statements.ts";
import { FIRST, publicName, publicOf, seal } from "./suite.ts";
import { wrap, wrapForCode, wrapForDevice } from "./unlocking.ts";

type Answer = { out: unknown } | { reject: string };
const cases: ({ name: string; op: string; in: Record<string, unknown> } & Answer)[] = [];
const AT = 1_800_000_000;

/** Bytes that look random and are the same on every run. */
const secret = (what: string): Promise<Bytes> => sha256(utf8(`from TypeScript ${what}`));
const id = async (what: string): Promise<string> => b64((await secret(what)).slice(0, 16));

function add(name: string, op: string, given: Record<string, unknown>, answer: Answer): void {
  cases.push({ name, op, in: given, ...answer });
}

async function sealing(): Promise<void> {
  const [seed, plaintext, context] = [await secret("recipient"), await secret("a key"), info("an-example")];
  const sealed = await seal(await publicOf(seed), context, plaintext);
  add("a sealed key", "unseal", { seed: b64(seed), info: b64(context), sealed: b64(sealed) }, { out: b64(plaintext) });
  const box = await lock("balie-example+jwe", seed, plaintext);
  add("a box", "unlock_box", { typ: "balie-example+jwe", key: b64(seed), box, kid: null }, { out: b64(plaintext) });
}

async function keys(person: string, signer: Signer): Promise<void> {
  const kemSeed = await secret("kem");
  const stated = await statePersonKey({ person, generation: 1, kemSeed, signer, previous: null, at: AT });
  const given = { person, admitters: [], statements: [stated] };
  const stating: Stating = { signer, person, generation: 1, at: AT };
  const device = await id("device");
  const { publicKey } = await signerOf(await secret("device sign"));
  const certificate = await certifyDevice(stating, device, publicKey);
  const out = { device, sign: b64(publicKey), revoked: false };
  add("a device", "accept_device", { ...given, certificate, revocations: [] }, { out });
  const shared = await secret("shared");
  const shares = (await split(shared)).map((share, at) => [["north", "east", "south"][at]!, share] as [string, Bytes]);
  const share_set = await stateShareSet(stating, await id("set"), shares);
  const some = Object.fromEntries(shares.slice(1).map(([server, share]) => [server, b64(share)]));
  await releasing(given, share_set, shares, stating);
  add("two shares", "combine", { ...given, share_set, shares: some }, { out: b64(shared) });
}

async function releasing(given: object, share_set: Statement, shares: [string, Bytes][], by: Stating): Promise<void> {
  const [server, share] = shares[0]!;
  const [kem_seed, credential, key] = [await secret("server kem"), await secret("credential"), await secret("cose")];
  const accepted = await acceptPersonKey((given as { statements: Statement[] }).statements[0]!, {
    person: by.person,
    known: null,
  });
  const stated = await acceptShareSet(share_set, accepted);
  const keyServer = { server, kem: await publicOf(kem_seed), sign: by.signer.publicKey };
  const sealed = b64(await sealDeposit(stated, keyServer, share));
  add("a deposit", "open_deposit", { ...given, share_set, server, kem_seed: b64(kem_seed), sealed }, { out: b64(share) });
  const passkeys = [await statePasskey(by, credential, key)];
  const out = { [b64(credential)]: b64(key) };
  add("a passkey", "accept_passkeys", { ...given, passkeys, revocations: [] }, { out });
  const trusted = [await id("one"), await id("two")].map((each) => ({ person: each, sign: by.signer.publicKey }));
  const trustees = await stateTrustees(by, trusted);
  const named = trusted.map((each) => ({ person: each.person, sign: b64(each.sign) }));
  add("trustees", "accept_trustees", { ...given, trustees }, { out: named });
  const [person, set, challenge] = [by.person, stated.set, await secret("challenge")];
  const device = await signerOf(await secret("device sign"));
  const devices = [{ person, device: await id("device"), sign: b64(device.publicKey), revoked: false }];
  const approval = await stateApproval({ v: 1, person, set, challenge: b64(challenge), at: AT }, device);
  const asked = { person, set, challenge: b64(challenge), devices, colleagues: [], approval };
  add("approved by a device", "accept_approval", asked, { out: "device" });
}

async function unlocking(person: string): Promise<void> {
  const [key, given] = [await secret("keyset key"), { person }];
  const [kem, sign] = [b64(await secret("kem")), b64(await secret("sign"))];
  const box = await lockKeyset({ v: 1, person, generations: [{ generation: 1, kem, sign }] }, key);
  const out = [[1, kem, sign]];
  add("a keyset", "open_keyset", { ...given, box, key: b64(key), generation: 1 }, { out });
  const opened = { out: b64(key) };
  for (const method of ["passkey", "shares"] as const) {
    const wrapped = await wrap(method, person, await secret(method), key);
    const asked = { ...given, method, secret: b64(await secret(method)), box: wrapped };
    add(`unwrapped, ${method}`, "unwrap", asked, opened);
  }
  const device = await id("device");
  const device_key = await secret("device key");
  const on = await wrapForDevice(person, device, device_key, key);
  add("on a device", "unwrap_on_device", { ...given, device, device_key: b64(device_key), box: on }, opened);
  const code = "akker bodem citroen deken emmer fiets gracht hamer ijzer jager";
  const asked = { ...given, code, file: b64(await wrapForCode(person, code, key)) };
  add("recovery code", "unwrap_with_code", asked, opened);
  const other = { ...asked, code: code.replace("jager", "kamer") };
  add("another recovery code", "unwrap_with_code", other, { reject: "unopenable" });
  const somebody = { ...asked, person: await id("somebody else") };
  add("recovery code of somebody else", "unwrap_with_code", somebody, { reject: "wrong-person" });
}

async function groups(person: string, signer: Signer): Promise<void> {
  const as = `person:${person}`;
  const members = [{ member: as, role: "admin" as const }];
  const common = { v: 1 as const, by: person, as, at: AT };
  const created = { ...common, act: "create" as const, kind: "team" as const, members, keepers: [], nonce: person };
  const stated = await stateAct(created, signer);
  const known = [{ person, sign: b64(signer.publicKey), teams: [] }];
  const group = (await acceptAct(stated, [{ person, sign: signer.publicKey }])).name;
  const out = { kind: "team", members: { [as]: "admin" }, heads: [group], pending: [], refused: [], void: [] };
  add("a team", "replay", { group, known, acts: [stated] }, { out });
  const [key, seed] = [await secret("team key"), await secret("kem")];
  const [kem, named] = [await publicOf(seed), await groupKeyName("team", group, key)];
  const sealed = b64(await sealGroupKey(group, named, key, as, { suite: FIRST, key: kem }));
  const given = { kind: "team", group, key: named, member: as, seed: b64(seed), sealed };
  add("a team's key", "open_group_key", given, { out: b64(key) });
  const to = [{ member: as, kem: await publicName(kem) }];
  const told = { ...common, suite: FIRST, group, key: named, kem: b64(await publicOf(key)), heads: [group], to };
  const statement = await stateGroupKey(told, signer);
  add("a team's key stated", "accept_group_key", { kind: "team", known, statement }, { out: named });
}

async function messaging(person: string): Promise<void> {
  const [conversation, key] = [b64(await secret("conversation")), await secret("conversation key")];
  const [signer, device, as] = [await signerOf(await secret("device sign")), await id("device"), `person:${person}`];
  const data = joined(utf8("%PDF-1.7\n"), new Uint8Array(66_000));
  const [file, described] = await sealAttachment(data, "application/pdf", "brief.pdf");
  add("an attachment", "open_attachment", { file: b64(file), described }, { out: b64(data) });
  const content = { kind: "text", text: "Zie de brief 🩺", to: null, attachments: [described] };
  const named = await groupKeyName("conversation", conversation, key);
  const told = { v: 1 as const, conversation, id: await id("message"), person, device, as, key: named };
  const message = { ...told, seen: [], heads: [], at: AT, content };
  const given = {
    conversation,
    message_id: message.id,
    key: b64(key),
    devices: [{ person, device, sign: b64(signer.publicKey), revoked: false }],
    writers: { [as]: [person] },
    envelope: await sealMessage(message, signer, key),
  };
  const signed = utf8(await signCompact("balie-message+jws", encode(message), signer));
  add("a message", "open_message", given, { out: { name: await nameOf("message", signed), content, revoked: false } });
}

const person = await id("person");
await sealing();
await keys(person, await signerOf(await secret("sign")));
await groups(person, await signerOf(await secret("sign")));
await unlocking(person);
await messaging(person);
const url = new URL("../../../docs/spec/vectors/consult/from_typescript.json", import.meta.url);
writeFileSync(url, `${JSON.stringify({ title: "What TypeScript seals, signs and splits", cases }, null, 1)}\n`);

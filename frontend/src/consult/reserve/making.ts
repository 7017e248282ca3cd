/** Making a reserve: everything is in this page alone, until three sheets were seen on paper. */

import { b64, type Bytes } from "../../crypto/encoding.ts";
import { drillName, makeParts, partName, signSeedOf, stateReserve, writePart } from "../../crypto/reserve.ts";
import { signerOf } from "../../crypto/statements.ts";
import { publicOf, suites } from "../../crypto/suite.ts";
import { TYP } from "../account.ts";
import { api, type Holder } from "../api.ts";
import { type Session, stating } from "../session.ts";
import type { Circle } from "../talk/circle.ts";
import type { Team } from "../talk/group.ts";
import { must } from "../unanswered.ts";
import { copiesOf } from "./copies.ts";

/** So many of the newest go with the statement; the rest follows at once (`completeReserves`). */
const COPIES_MOST = 300;
const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

/** `sheets`: the text of each part, six lines; `kem`, `sign` and so on are what is stated of them. */
export interface Draft {
  sheets: string[];
  set: string;
  suite: number;
  kem: Bytes;
  sign: Bytes;
  drill: string;
  parts: string[];
}

/** A new key in three parts. The key itself is gone when this is done; the sheets have it. */
export async function draft(team: Team): Promise<Draft> {
  const [seed, secret, set] = [random(32), random(32), b64(random(16))];
  const made = await makeParts(set, seed, secret);
  const found = {
    sheets: made.map(writePart),
    set,
    suite: suites.current,
    kem: await publicOf(seed),
    sign: (await signerOf(await signSeedOf(seed))).publicKey,
    drill: await drillName(set, secret),
    parts: await Promise.all(made.map((part) => partName(team.group, part))),
  };
  for (const each of [seed, secret, ...made]) each.fill(0);
  return found;
}

/** From here on it counts, and the one before does not. Throws Unanswered. */
export async function keep(session: Session, circle: Circle, team: Team, made: Draft, holders: Holder[]): Promise<void> {
  const { signer, person: by, at } = await stating(session);
  const { set, suite, kem, sign, drill, parts } = made;
  const stated = { v: 1 as const, suite, team: team.group, set, kem: b64(kem), sign: b64(sign), drill, parts, by, as: circle.self, at };
  const signed = await stateReserve(stated, signer);
  const sealed = await copiesOf(team.group, [...team.keys].slice(-COPIES_MOST), { suite, key: kem });
  await must(api.state([{ typ: TYP.reserve, signed, sealed, holders }]));
}

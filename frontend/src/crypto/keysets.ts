/** The keyset: every generation of a person's secret keys, in one box under a random key (`keys.md`, "Keyset"). */

import * as v from "valibot";
import { type BoxKey, lock, unlock } from "./boxes.ts";
import { Count, decode, encode, Id, Secret, Version } from "./payloads.ts";
import { require } from "./reasons.ts";

const TYP = "balie-keyset+jwe";
const Keyset = v.strictObject({
  v: Version,
  person: Id,
  generations: v.pipe(v.array(v.strictObject({ generation: Count, kem: Secret, sign: Secret })), v.minLength(1)),
});
export type Keyset = v.InferOutput<typeof Keyset>;

/** `key` is random, 32 bytes; each unlock method wraps it. */
export const lockKeyset = (keyset: Keyset, key: BoxKey): Promise<string> => lock(TYP, key, encode(keyset));

/** The keyset of `person`; `generation` is the one their accepted key statement has: an older keyset is stale. */
export async function openKeyset(box: string, key: BoxKey, person: string, generation: number): Promise<Keyset> {
  const keyset = decode(await unlock(TYP, key, box), Keyset);
  require(keyset.person === person, "wrong-person", TYP);
  const numbers = keyset.generations.map((each) => each.generation);
  require(
    numbers.every((number, at) => at === 0 || number > numbers[at - 1]!),
    "malformed",
    TYP,
  );
  require(numbers.at(-1)! >= generation, "stale", TYP);
  return keyset;
}

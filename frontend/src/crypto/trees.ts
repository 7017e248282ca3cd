/** Proofs about an append-only tree, as RFC 9162 has them (section 2.1): SHA-256, leaves and nodes told apart. */

import { type Bytes, joined, sha256 } from "./encoding.ts";
import { type Reason, require } from "./reasons.ts";

const PROOF_MOST = 64;


export const leafHash = (entry: Bytes): Promise<Bytes> => sha256(joined(Uint8Array.of(0), entry));
const node = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(joined(Uint8Array.of(1), left, right));
const same = (one: Bytes, other: Bytes): boolean =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

/** Where one is on the way up: `at` in its level, and the last there. Numbers are above 32 bits: no bit operators. */
class Place {
  at: number;
  last: number;

  constructor(at: number, last: number) {
    this.at = at;
    this.last = last;
  }

  get isRight(): boolean {
    return this.at % 2 === 1;
  }

  up(): void {
    this.at = Math.floor(this.at / 2);
    this.last = Math.floor(this.last / 2);
  }

  /** To where it is a right child, or the root. */
  climb(): void {
    while (this.at !== 0 && !this.isRight) this.up();
  }
}

export interface Leaf {
  leaf: Bytes;
  index: number;
  size: number;
  root: Bytes;
  proof: Bytes[];
}

/** That the leaf with this hash is number `index`, from 0, of the `size` under `root` (RFC 9162, 2.1.3.2). */
export async function checkInclusion({ leaf, index, size, root, proof }: Leaf): Promise<void> {
  const holds = (fine: boolean) => require(fine, "not-in-log", "inclusion");
  holds(index >= 0 && index < size && proof.length <= PROOF_MOST);
  const place = new Place(index, size - 1);
  let found = leaf;
  for (const each of proof) {
    holds(place.last !== 0);
    if (place.isRight || place.at === place.last) {
      found = await node(each, found);
      place.climb();
    } else found = await node(found, each);
    place.up();
  }
  holds(place.last === 0 && same(found, root));
}

export interface Growth {
  size: number;
  root: Bytes;
  laterSize: number;
  laterRoot: Bytes;
  proof: Bytes[];
}

const FORKED: [Reason, string] = ["forked", "consistency"];

/** That the tree of `laterSize` begins with that of `size` (RFC 9162, 2.1.4.2). An empty one every tree begins with, and
 *  each with itself: their proof is empty. */
export async function checkConsistency({ size, root, laterSize, laterRoot, proof }: Growth): Promise<void> {
  require(size >= 0 && size <= laterSize && proof.length <= PROOF_MOST, ...FORKED);
  if (size === 0 || size === laterSize) {
    const expected = size === 0 ? await sha256(new Uint8Array(0)) : laterRoot;
    require(proof.length === 0 && same(root, expected), ...FORKED);
    return;
  }
  const place = new Place(size - 1, laterSize - 1);
  while (place.isRight) place.up();
  const [first, ...rest] = Number.isInteger(Math.log2(size)) ? [root, ...proof] : proof;
  require(first, ...FORKED);
  let [found, later] = [first, first];
  for (const each of rest) {
    require(place.last !== 0, ...FORKED);
    if (place.isRight || place.at === place.last) {
      [found, later] = [await node(each, found), await node(each, later)];
      place.climb();
    } else later = await node(later, each);
    place.up();
  }
  require(place.last === 0 && same(found, root) && same(later, laterRoot), ...FORKED);
}

/** The root over leaves that come one by one, of which only whole subtrees are remembered, the widest first. */
export class Frontier {
  readonly roots: { width: number; root: Bytes }[];

  constructor(roots: { width: number; root: Bytes }[] = []) {
    this.roots = roots;
  }

  get size(): number {
    return this.roots.reduce((size, { width }) => size + width, 0);
  }

  async append(leaf: Bytes): Promise<void> {
    let [width, root] = [1, leaf];
    while (this.roots.at(-1)?.width === width) {
      root = await node(this.roots.pop()!.root, root);
      width *= 2;
    }
    this.roots.push({ width, root });
  }

  async root(): Promise<Bytes> {
    const [last, ...left] = [...this.roots].reverse();
    let found = last?.root ?? (await sha256(new Uint8Array(0)));
    for (const each of left) found = await node(each.root, found);
    return found;
  }
}

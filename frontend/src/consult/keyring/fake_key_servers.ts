/** Three key servers at the edge of the network: `fetch` for tests, with what can go wrong on the way. Tests only. */

import { b64, type Bytes, info, unb64, utf8 } from "../../crypto/encoding.ts";
import { encode } from "../../crypto/payloads.ts";
import { signCompact, type Signer, signerOf } from "../../crypto/statements.ts";
import { publicOf, seal, unseal } from "../../crypto/suite.ts";
import type { KeyServerSettings } from "./key_server.ts";

export const NAMES = ["north", "east", "south"] as const;
export type Name = (typeof NAMES)[number];

interface Kept {
  person: string;
  set: string;
  share: Bytes;
  hash: string;
  keyset: string;
  unlock: string;
}

interface FakeServer {
  seed: Bytes;
  signer: Signer;
  kept: Kept | null;
  nonces: Set<string>;
}

/** What a request meets, by `server/route/what`, `server/route` or `server`: the most precise word counts. */
export type Trouble = "dead" | "silent" | number | ((release: () => void) => void);

export interface Asked {
  server: Name;
  route: string;
  what: string;
  body: string;
  init: RequestInit;
}

export class FakeKeyServers {
  readonly settings: KeyServerSettings[] = [];
  readonly asked: Asked[] = [];
  readonly trouble = new Map<string, Trouble>();
  /** Servers that give a share of their own making. */
  readonly lying = new Set<Name>();
  readonly #servers = new Map<Name, FakeServer>();

  static async make(): Promise<FakeKeyServers> {
    const made = new FakeKeyServers();
    for (const server of NAMES) {
      const [seed, sign] = [crypto.getRandomValues(new Uint8Array(32)), crypto.getRandomValues(new Uint8Array(32))];
      const signer = await signerOf(sign);
      made.#servers.set(server, { seed, signer, kept: null, nonces: new Set() });
      const routes = ["front", "back"].map((route) => `https://${server}.${route}.example`);
      made.settings.push({ server, kem: await publicOf(seed), sign: signer.publicKey, routes });
    }
    return made;
  }

  readonly token = async (server: string): Promise<string> => `token for ${server}`;

  readonly fetch = async (address: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const { host, pathname } = new URL(String(address));
    const [server, route] = host.split(".") as [Name, string];
    const what = pathname.replace("/v1/", "");
    this.asked.push({ server, route, what, body: String(init.body), init });
    const { trouble } = this;
    const found = trouble.get(`${server}/${route}/${what}`) ?? trouble.get(`${server}/${route}`) ?? trouble.get(server);
    if (found === "dead") throw new TypeError("no connection");
    if (found === "silent") return new Promise((_, reject) => ended(init.signal!, reject));
    if (typeof found === "number") return Response.json({ error: "busy" }, { status: found });
    if (found) await new Promise<void>((resolve) => found(resolve));
    return this.#answer(server, what, String(init.body));
  };

  async #answer(server: Name, what: string, body: string): Promise<Response> {
    const one = this.#servers.get(server)!;
    const given = JSON.parse(body);
    if (what === "nonce") {
      const nonce = b64(crypto.getRandomValues(new Uint8Array(32)));
      one.nonces.add(nonce);
      return Response.json({ nonce, good_s: 120 });
    }
    if (what === "deposit") return this.#deposit(server, one, given);
    if (what === "held") return this.#held(server, one, given);
    return this.#release(server, one, given);
  }

  async #deposit(server: Name, one: FakeServer, given: any): Promise<Response> {
    const { person, set, shares } = JSON.parse(new TextDecoder().decode(unb64(given.share_set.payload)));
    const about = info("share-deposit", utf8(server), utf8(person), utf8(set));
    const share = await unseal(one.seed, about, unb64(given.sealed));
    const { hash } = shares.find((each: { server: string }) => each.server === server);
    one.kept = { person, set, share, hash, keyset: given.keyset, unlock: given.unlock };
    return Response.json({ set, generation: 1 });
  }

  async #held(server: Name, { kept, signer }: FakeServer, { nonce }: { nonce: string }): Promise<Response> {
    const { person, set, hash } = kept!;
    const said = { v: 1, server, person, set, hash: this.lying.has(server) ? b64(new Uint8Array(32)) : hash, nonce, at: 1 };
    return Response.json({ held: await signCompact("balie-share-held+jws", encode(said), signer) });
  }

  async #release(server: Name, { kept, nonces, signer }: FakeServer, given: any): Promise<Response> {
    const own = given.offers.find((each: { server: string }) => each.server === server)?.nonce;
    const challenge = given.assertion?.challenge ?? given.approval?.challenge;
    if (!kept || !nonces.delete(own) || given.set !== kept.set || !challenge) {
      return Response.json({ error: "refused" }, { status: 403 });
    }
    const share = this.lying.has(server) ? kept.share.map((byte) => byte ^ 1) : kept.share;
    const about = info("share-reply", utf8(server), utf8(kept.person), utf8(kept.set), unb64(challenge));
    const sealed = b64(await seal(unb64(given.reply), about, new Uint8Array(share)));
    const said = { v: 1, server, person: kept.person, set: kept.set, challenge, sealed };
    const reply = await signCompact("balie-share-reply+jws", encode(said), signer);
    return Response.json({ reply, keyset: kept.keyset, unlock: kept.unlock });
  }
}

const ended = (signal: AbortSignal, reject: (error: unknown) => void): void =>
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });


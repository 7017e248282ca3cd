/** One key server over HTTP (`docs/spec/consult/keyserver.md`), by whichever of its routes answers. */

import type { KeyServer } from "../../crypto/release.ts";

/** What the application's settings say of a key server. `routes`: addresses, each by another way to the same server. */
export interface KeyServerSettings extends KeyServer {
  routes: string[];
}

/** Why nothing came: every route is dead or silent, or the server said no. */
export type AskFault = "unreachable" | "token" | "refused" | "limit" | "busy" | "rejected";

export class AskError extends Error {
  readonly fault: AskFault;

  constructor(fault: AskFault, where: string) {
    super(`${fault}: ${where}`);
    this.name = "AskError";
    this.fault = fault;
  }
}

/** How a key server is asked: with a token for it alone, until `signal` ends it. */
export interface Asking {
  token: (server: string) => Promise<string>;
  signal: AbortSignal;
}

/** A way that is silent for so long is given up for the next. */
const ROUTE_WITHIN_MS = 1500;
/** Statuses below 500 are the server's own word; the rest may be a proxy's, so another way is tried. */
const FAULTS: Record<number, AskFault> = { 401: "token", 403: "refused", 429: "limit" };
/** The route that answered last: the next question goes there first. */
const preferred = new WeakMap<KeyServerSettings, string>();

/** The answer's JSON, and the route it came by. Every request may be repeated, byte for byte, by another route. */
export async function ask<T>(
  settings: KeyServerSettings,
  what: "nonce" | "release" | "deposit" | "held",
  body: object,
  { token, signal }: Asking,
): Promise<{ answer: T; route: string }> {
  const { server, routes } = settings;
  const bearer = await token(server).catch(() => {
    throw new AskError("token", server);
  });
  const request: RequestInit = {
    method: "POST",
    headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
  };
  const first = preferred.get(settings);
  let fault: AskFault = "unreachable";
  for (const route of [...routes].sort((one, other) => Number(other === first) - Number(one === first))) {
    const response = await by(route, what, request, signal);
    if (signal.aborted) break;
    if (response === null) continue;
    const answer = response.ok ? await contentOf<T>(response) : null;
    if (answer !== null) {
      preferred.set(settings, route);
      return { answer, route };
    }
    if (!response.ok && response.status < 500) throw new AskError(FAULTS[response.status] ?? "rejected", server);
    fault = response.status === 503 ? "busy" : "unreachable";
  }
  throw new AskError(fault, server);
}

async function by(route: string, what: string, request: RequestInit, signal: AbortSignal): Promise<Response | null> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ROUTE_WITHIN_MS)]);
    return await fetch(`${route}/v1/${what}`, { ...request, signal: patience });
  } catch {
    return null;
  }
}

/** What stops on the way, or is no JSON, did not come from a key server. */
async function contentOf<T>(response: Response): Promise<T | null> {
  return response.json().then((answer: T) => answer, () => null);
}

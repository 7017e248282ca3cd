/** Which key servers answer now: so that people do not choose a way that is dead. */

import type { KeyServerSettings } from "./key_server.ts";

const WITHIN_MS = 2000;

/** By any of its routes. It says nothing of whether the server would give anything. */
export async function reachable(servers: KeyServerSettings[]): Promise<Set<string>> {
  const found = await Promise.all(servers.map(async (each) => ((await answers(each)) ? [each.server] : [])));
  return new Set(found.flat());
}

async function answers({ routes }: KeyServerSettings): Promise<boolean> {
  const asked = routes.map(async (route) => {
    const init: RequestInit = { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(WITHIN_MS) };
    const { ok } = await fetch(`${route}/v1/server`, init);
    if (!ok) throw new TypeError(route);
  });
  return Promise.any(asked).then(
    () => true,
    () => false,
  );
}

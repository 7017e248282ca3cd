/** What is written goes out in its order, as soon as it can, and is never lost because it was refused. */

import { expect, it, vi } from "vitest";
import type { Failure } from "../../lib/live.ts";
import type { LocalStore, Outgoing } from "./local_store.ts";
import { Outbox, unsaid } from "./outbox.ts";

const written = (id: string, conversation = "c", kind = "text"): Outgoing => ({ conversation, id, at: 1, kind, text: id, to: null, attachments: [] });

function outbox(send: (outgoing: Outgoing) => Promise<Failure | null>) {
  const local = { keepOutgoing: vi.fn(), dropOutgoing: vi.fn(), outbox: async () => [] } as unknown as LocalStore;
  const stuck = vi.fn();
  return { box: new Outbox(local, send, { changed: () => {}, stuck }), local, stuck };
}

it("sends in the order in which it was written, each once", async () => {
  const sent: string[] = [];
  const { box, local } = outbox(async ({ id }) => (sent.push(id), null));
  await Promise.all(["a", "b", "c"].map((id) => box.add(written(id))));
  await vi.waitFor(() => expect(box.of("c")).toEqual([]));
  expect(sent).toEqual(["a", "b", "c"]);
  expect(local.dropOutgoing).toHaveBeenCalledTimes(3);
});

it("lets a conversation wait for itself alone", async () => {
  const sent: string[] = [];
  const { box } = outbox(({ id, conversation }) => (conversation === "slow" ? new Promise(() => {}) : (sent.push(id), Promise.resolve(null))));
  await box.add(written("photo", "slow"));
  await box.add(written("a"));
  await vi.waitFor(() => expect(sent).toEqual(["a"]));
  expect(box.of("slow")).toHaveLength(1);
});

it("keeps what was refused until its author decides, and sends on", async () => {
  let full = true;
  const sent: string[] = [];
  const { box, stuck } = outbox(async ({ id }) => (id === "a" && full ? unsaid("limit") : (sent.push(id), null)));
  await box.add(written("a"));
  await box.add(written("b"));
  await vi.waitFor(() => expect(box.of("c").map(({ id }) => id)).toEqual(["a"]));
  expect([sent, box.refused("a")?.code]).toEqual([["b"], "limit"]);
  expect(stuck).toHaveBeenCalledWith(expect.objectContaining({ code: "limit" }));
  full = false;
  box.retry("a");
  await vi.waitFor(() => expect(sent).toEqual(["b", "a"]));
});

it("forgets what its author throws away", async () => {
  const { box, local } = outbox(async () => unsaid("limit"));
  await box.add(written("a"));
  await vi.waitFor(() => expect(box.refused("a")).toBeDefined());
  await box.drop("a");
  expect([box.of("c"), box.refused("a")]).toEqual([[], undefined]);
  expect(local.dropOutgoing).toHaveBeenCalledOnce();
});

it("does not show an edit that was refused as if it counted", async () => {
  const { box } = outbox(async () => unsaid("not_found"));
  await box.add(written("a", "c", "edit"));
  await vi.waitFor(() => expect(box.of("c")).toEqual([]));
});

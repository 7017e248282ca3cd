import { expect, it } from "vitest";
import type { Placed } from "./conversation.ts";
import type { Outgoing } from "./local_store.ts";
import { thread } from "./thread.ts";

function said(place: number, person: string, content: object, id = `m${place}`): Placed {
  const event = { conversation: "c", place, id, person, device: "d", envelope: "" };
  const message = { id, person, content: { kind: "text", text: "", to: null, attachments: [], ...content } };
  return { place, at: "2027-10-12T10:00:00Z", event, opened: { message, name: id, revoked: false } } as unknown as Placed;
}

const written = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({ conversation: "c", id, at: 1, kind: "text", text: id, to: null, attachments: [], ...more });
const texts = (placed: Placed[], outgoing: Outgoing[] = []) => thread(placed, outgoing, "anna").map(({ text }) => text);

it("shows the last edit by the author, and marks it", () => {
  const placed = [
    said(1, "anna", { text: "eerst" }),
    said(2, "anna", { kind: "edit", text: "toen", to: "m1" }),
    said(3, "anna", { kind: "edit", text: "nu", to: "m1" }),
  ];
  expect(thread(placed, [], "anna")).toMatchObject([{ id: "m1", text: "nu", edited: true }]);
});

it("lets nobody change what another wrote", () => {
  const first = said(1, "anna", { text: "eerst" });
  const others = [said(2, "bilal", { kind: "edit", text: "van mij", to: "m1" }), said(3, "bilal", { kind: "recall", to: "m1" })];
  expect(thread([first, ...others], [], "anna")).toMatchObject([{ text: "eerst", edited: false, recalled: false }]);
});

it("shows nothing of what was recalled, whatever comes after", () => {
  const placed = [
    said(1, "anna", { text: "eerst" }),
    said(2, "anna", { kind: "recall", to: "m1" }),
    said(3, "anna", { kind: "edit", text: "toch", to: "m1" }),
  ];
  expect(thread(placed, [], "anna")).toMatchObject([{ text: "", recalled: true }]);
});

it("shows what is on its way last, once, and applies it already", () => {
  const placed = [said(1, "bilal", { text: "hoi" }), said(2, "anna", { text: "b" }, "b")];
  expect(texts(placed, [written("b"), written("c")])).toEqual(["hoi", "b", "c"]);
  expect(texts(placed, [written("x", { kind: "edit", text: "beter", to: "b" })])).toEqual(["hoi", "beter"]);
});

it("shows files with their message, and none of what was recalled", () => {
  const attachments = [{ name: "pols.jpg" }];
  const placed = [said(1, "anna", { attachments }), said(2, "anna", { attachments }), said(3, "anna", { kind: "recall", to: "m2" })];
  const waiting = written("c", { attachments: attachments as Outgoing["attachments"] });
  expect(thread(placed, [waiting], "anna").map((line) => line.attachments.length)).toEqual([1, 0, 1]);
});

it("says that something cannot be read, or needs a newer version", () => {
  const { opened: _, ...rest } = said(1, "bilal", {});
  const [dark, newer] = thread([{ ...rest, fault: "no-key" } as Placed, said(2, "bilal", { kind: "poll" })], [], "anna");
  expect([dark!.fault, newer!.newer]).toEqual(["no-key", true]);
});

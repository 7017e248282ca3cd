/** Whoever reads the answers tells the urgency again, and sees where a patient's browser told another. */

import { afterEach, expect, it, vi } from "vitest";
import vectors from "../../../../docs/spec/vectors/consult/triage.json" with { type: "json" };
import { api, type EconsultListed } from "../api.ts";
import type { Conversation } from "../talk/conversation.ts";
import type { Talk } from "../talk/talk.ts";
import { Queue } from "./queue.ts";

const { questionnaire, answers } = vectors.cases.find(({ name }) => name === "short, longer")!.in;
const filledIn = Object.entries(answers).map(([question, choice]) => ({ question, choice, label: question, value: choice }));
const conversation = {} as Conversation;

const told = (urgency: string, version = 3): EconsultListed =>
  ({ conversation: "group", urgency, questionnaire: { of: "7", code: "voorbeeld", version } }) as EconsultListed;

function talk(kind: string, place: number | null): Talk {
  const intake = { form: "voorbeeld", version: 3, urgency: "U4", answers: [...filledIn, { question: "story", choice: null, label: "?", value: "!" }] };
  return { lines: () => [{ kind, place, intake }] } as unknown as Talk;
}

async function queue(questionnaires: Record<string, unknown>): Promise<Queue> {
  vi.spyOn(api, "econsults").mockResolvedValue({ ok: true, value: { econsults: [], questionnaires } });
  const made = new Queue();
  await made.load();
  return made;
}

afterEach(() => vi.restoreAllMocks());

it("tells nothing where both say the same", async () => {
  expect((await queue({ 7: questionnaire })).differs(talk("econsult", 1), conversation, told("U2"))).toBeNull();
});

it("tells what follows where the patient's browser told another urgency", async () => {
  expect((await queue({ 7: questionnaire })).differs(talk("econsult", 1), conversation, told("U4"))).toEqual({ urgency: "U2", route: "phone" });
});

it("sends to the phone by a questionnaire that does not hold", async () => {
  expect((await queue({ 7: {} })).differs(talk("econsult", 1), conversation, told("U4"))).toEqual({ urgency: null, route: "phone" });
});

it("tells it where the answers are by another version", async () => {
  expect((await queue({ 7: questionnaire })).differs(talk("econsult", 1), conversation, told("U2", 4))).not.toBeNull();
});

it("has nothing to tell before there are answers", async () => {
  expect((await queue({ 7: questionnaire })).differs(talk("econsult", null), conversation, told("U4"))).toBeNull();
});

const waits = (id: string): EconsultListed => ({ id, holder: null, of_own_team: true, closed_at: null, moved_to: null }) as EconsultListed;
const refusal = (code: "not_first" | "picked_up" | "rejected") => ({ ok: false, code, title: "" }) as never;

it("takes the one with the most haste, also when another comes meanwhile", async () => {
  const lists = [[waits("a")], [waits("urgent"), waits("a")]];
  vi.spyOn(api, "econsults").mockImplementation(async () => ({ ok: true, value: { econsults: lists.shift()! } }));
  const asked = vi.spyOn(api, "pickUpEconsult").mockResolvedValueOnce(refusal("not_first"));
  asked.mockResolvedValueOnce({ ok: true, value: { econsults: [] } });
  const queue = new Queue();
  await queue.load();
  expect((await queue.pickUpFirst())?.id).toBe("urgent");
  expect(asked.mock.calls).toEqual([["a", true], ["urgent", true]]);
});

it("takes nobody when colleagues were faster, and says what is really wrong", async () => {
  const lists = [[waits("a")], []];
  vi.spyOn(api, "econsults").mockImplementation(async () => ({ ok: true, value: { econsults: lists.shift() ?? [waits("b")] } }));
  const asked = vi.spyOn(api, "pickUpEconsult").mockResolvedValueOnce(refusal("picked_up"));
  const queue = new Queue();
  await queue.load();
  expect(await queue.pickUpFirst()).toBeNull();
  await queue.load();
  asked.mockResolvedValueOnce(refusal("rejected"));
  await expect(queue.pickUpFirst()).rejects.toThrow("rejected");
});

/**
 * How urgent the answers of a patient are, by the rules of a questionnaire. When it cannot tell, they phone.
 * `balie/consult/econsults/triage.py` tells the same (`docs/spec/consult/econsults.md`).
 */

import * as v from "valibot";

const Code = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/));
const said = (most: number) => v.pipe(v.string(), v.check((text) => text !== "" && [...text].length <= most));
const inBoth = (most: number) => v.strictObject({ nl: said(most), en: said(most) });
const Label = inBoth(200);
const Minutes = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7 * 24 * 60));
const Urgency = v.picklist(["U0", "U1", "U2", "U3", "U4", "U5"]);
export type Urgency = v.InferOutput<typeof Urgency>;
export type Route = "112" | "phone" | "queue" | "self-care";

const Question = v.strictObject({
  code: Code,
  label: Label,
  choices: v.pipe(v.array(v.strictObject({ code: Code, label: Label })), v.minLength(2), v.maxLength(20)),
});
const Story = v.strictObject({
  code: Code,
  label: Label,
  most: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4000)),
  required: v.boolean(),
});
const Rule = v.strictObject({ urgency: Urgency, when: v.record(Code, v.pipe(v.array(Code), v.minLength(1))) });
const Questionnaire = v.strictObject({
  code: Code,
  version: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(32767)),
  questions: v.pipe(v.array(Question), v.minLength(1), v.maxLength(35)),
  story: v.pipe(v.array(Story), v.maxLength(5)),
  rules: v.pipe(v.array(Rule), v.maxLength(100)),
  otherwise: Urgency,
  within: v.strictObject({ U3: Minutes, U4: Minutes, U5: Minutes }),
  advice: inBoth(2000),
});
export type Questionnaire = v.InferOutput<typeof Questionnaire>;

/** `urgency` is null when triage failed: then `route` is the phone. */
export interface Outcome {
  urgency: Urgency | null;
  route: Route;
}

const FAILED: Outcome = { urgency: null, route: "phone" };
const ROUTES: Record<Urgency, Route> = { U0: "112", U1: "phone", U2: "phone", U3: "queue", U4: "queue", U5: "self-care" };

/** What was stored as a questionnaire; null when any part of it does not hold. */
export function readQuestionnaire(stored: unknown): Questionnaire | null {
  const { success, output } = v.safeParse(Questionnaire, stored);
  return success && holds(output) ? output : null;
}

/** The most urgent rule that holds counts. `answers`: by the code of each question, that of the choice. */
export function triage(asked: Questionnaire | null, answers: ReadonlyMap<string, string>): Outcome {
  if (asked === null) return FAILED;
  const choices = choicesOf(asked);
  const answered = [...choices].every(([code, known]) => known.has(answers.get(code) ?? ""));
  if (!answered || answers.size !== choices.size) return FAILED;
  const holding = asked.rules.filter(({ when }) => Object.entries(when).every(([code, given]) => given.includes(answers.get(code)!)));
  const urgency = holding.map((rule) => rule.urgency).sort()[0] ?? asked.otherwise;
  return { urgency, route: ROUTES[urgency] };
}

const choicesOf = ({ questions }: Questionnaire): Map<string, Set<string>> =>
  new Map(questions.map(({ code, choices }) => [code, new Set(choices.map((choice) => choice.code))]));

/** Codes are there once, and rules name what is asked. */
function holds(asked: Questionnaire): boolean {
  const choices = choicesOf(asked);
  const codes = [...asked.questions, ...asked.story].map(({ code }) => code);
  const once = new Set(codes).size === codes.length && asked.questions.every((each) => choices.get(each.code)!.size === each.choices.length);
  const named = ([code, given]: [string, string[]]): boolean => given.every((choice) => choices.get(code)?.has(choice));
  return once && asked.rules.every(({ when }) => Object.keys(when).length > 0 && Object.entries(when).every(named));
}

/** Why something was rejected: the reason codes of the specification, as in `balie/consult/protocol/reasons.py`. */
export type Reason =
  | "malformed"
  | "malformed-key"
  | "unknown-suite"
  | "unopenable"
  | "wrong-type"
  | "wrong-algorithm"
  | "wrong-key"
  | "wrong-person"
  | "wrong-conversation"
  | "wrong-message"
  | "wrong-server"
  | "wrong-challenge"
  | "wrong-attachment"
  | "wrong-set"
  | "not-allowed"
  | "replayed"
  | "bad-signature"
  | "unknown-signer"
  | "missing-signature"
  | "not-the-next"
  | "stale"
  | "bad-share"
  | "too-few-shares"
  | "not-in-log"
  | "forked"
  | "too-few-cosignatures";

/** Input that MUST be rejected; `reason` is the code, the text says where. It never tells what lay beneath. */
export class Rejected extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, where: string) {
    super(`${reason}: ${where}`);
    this.name = "Rejected";
    this.reason = reason;
  }
}

/** Go on only if `holds`. */
export function require(holds: unknown, reason: Reason, where: string): asserts holds {
  if (!holds) throw new Rejected(reason, where);
}

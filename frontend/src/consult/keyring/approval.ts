/** Another device of the person's lets this one in: both show the same code, and the other signs the challenge. */

import { type Approval, stateApproval } from "../../crypto/approvals.ts";
import { b64, type Bytes, info, sha256 } from "../../crypto/encoding.ts";
import type { Statement } from "../../crypto/statements.ts";
import type { OwnDevice } from "./own_device.ts";

const CODES = 1_000_000;

/** Six digits that two screens show: that it is this question, not one that somebody else asked at the same moment. */
export async function approvalCode(challenge: Bytes): Promise<string> {
  const hashed = await sha256(info("approval-code", challenge));
  const number = hashed.slice(0, 5).reduce((sum, byte) => sum * 256 + byte, 0) % CODES;
  return String(number).padStart(6, "0");
}

/** This device's word for it. Its owner compared the codes. */
export const approve = (own: OwnDevice, set: string, challenge: Bytes, at: number): Promise<Statement> => {
  const approval: Approval = { v: 1, person: own.person, set, challenge: b64(challenge), at };
  return stateApproval(approval, own.sign);
};

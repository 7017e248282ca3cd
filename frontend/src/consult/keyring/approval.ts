/** Another device of the person's lets this one in: both show the same code, and the other signs the challenge. */

import { type Approval, stateApproval } from "../../crypto/approvals.ts";
import { b64, type Bytes } from "../../crypto/encoding.ts";
import type { Statement } from "../../crypto/statements.ts";
import type { OwnDevice } from "./own_device.ts";

/** This device's word for it. Its owner compared the codes. */
export const approve = (own: OwnDevice, set: string, challenge: Bytes, at: number): Promise<Statement> => {
  const approval: Approval = { v: 1, person: own.person, set, challenge: b64(challenge), at };
  return stateApproval(approval, own.sign);
};

/** Pages that ask for a passkey, or make one. */

import { offerPasskeys } from "../shell/passkey.ts";

offerPasskeys();

import { randomBytes } from "node:crypto";
import type { Random } from "../../ports/random.js";

const ID_BYTES = 16;
/** IDs per call of `randomBytes`: the call costs more than the bytes. */
const IDS_AT_ONCE = 256;
let [pool, used] = [Buffer.alloc(0), 0];

/** The system's source of randomness. */
export const systemRandom: Random = {
  id: () => {
    if (used === pool.length) [pool, used] = [randomBytes(IDS_AT_ONCE * ID_BYTES), 0];
    return pool.toString("base64url", used, (used += ID_BYTES));
  },
  float: () => Math.random(),
};

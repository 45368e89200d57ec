import {
  PartnerMessage_Quality_Cause as Cause,
  PartnerMessage_Quality_Level as Level,
  PartnerMessage_Quality_Picture as Picture,
  type PartnerMessage_Quality,
} from "../gen/satoshigle/v1/partner_pb.js";
import type { PictureState } from "../types.js";
import type { Assessment } from "./quality.js";

const LEVELS = { good: Level.GOOD, fair: Level.FAIR, poor: Level.POOR } as const;
const CAUSES = { mine: Cause.SENDER, theirs: Cause.RECEIVER, relay: Cause.RELAY } as const;
const PICTURES = { full: Picture.FULL, reduced: Picture.REDUCED, paused: Picture.PAUSED } as const;
/** What is the sender's is theirs for the receiver. */
const SEEN_CAUSES = { theirs: Cause.SENDER, mine: Cause.RECEIVER, relay: Cause.RELAY } as const;

/** What this side sees, for the partner. */
export function toReport({ level, cause }: Assessment, picture: PictureState) {
  const known = cause === null ? Cause.UNSPECIFIED : CAUSES[cause];
  return { level: LEVELS[level], cause: known, picture: PICTURES[picture] };
}

/** What the partner sees, from this side's point of view. Values that this client does not know are left out. */
export function fromReport({ level, cause, picture }: PartnerMessage_Quality): {
  assessment: Assessment | undefined;
  picture: PictureState | undefined;
} {
  const known = keyOf(LEVELS, level);
  const assessment = known && { level: known, cause: keyOf(SEEN_CAUSES, cause) ?? null };
  return { assessment, picture: keyOf(PICTURES, picture) };
}

function keyOf<Key extends string>(values: Readonly<Record<Key, number>>, value: number): Key | undefined {
  return (Object.keys(values) as Key[]).find((key) => values[key] === value);
}

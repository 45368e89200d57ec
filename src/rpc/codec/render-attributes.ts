import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Attribute, AttributeSchema } from "../../../gen/satoshigle/v1/event_pb.js";
import type { MatchingSchema } from "../../core/matching-schema.js";

/** Attributes that have fields of their own, or about which a client can do nothing. */
const UNANNOUNCED = new Set(["interests", "languages", "quarantine"]);

/** What `Welcome` announces: what a client may say or seek. */
export function renderAttributes({ attributes }: MatchingSchema): Attribute[] {
  return attributes
    .filter(({ name, isSought }) => isSought && !UNANNOUNCED.has(name))
    .map(({ name, values = [], saidBy, isMutual, maxValues, fallback = "", givesWayAfterMs }) =>
      create(AttributeSchema, {
        name,
        values: [...values],
        saidByClient: saidBy.includes("client"),
        filterable: !isMutual,
        mutual: isMutual,
        maxValues,
        defaultValue: fallback,
        ...(givesWayAfterMs !== undefined && { givesWayAfter: durationFromMs(givesWayAfterMs) }),
      }),
    );
}

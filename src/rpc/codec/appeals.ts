import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { AppealOutcome as WireOutcome, type BanAppealSchema } from "../../../gen/satoshigle/internal/v1/appeal_pb.js";
import type { Appeal, AppealOutcome } from "../../core/appeal.js";
import { DomainError } from "../../core/errors.js";
import { named } from "./parse-internal.js";

/** The wire type of each outcome. */
export const appealOutcomes = {
  upheld: WireOutcome.UPHELD,
  reversed: WireOutcome.REVERSED,
} as const satisfies Record<AppealOutcome, WireOutcome>;

export function parseAppealOutcome(wire: WireOutcome): AppealOutcome {
  const outcome = named<AppealOutcome, WireOutcome>(appealOutcomes, wire);
  if (outcome === undefined) throw new DomainError("field_invalid", "outcome: is unknown", { field: "outcome" });
  return outcome;
}

export function renderAppeal({ banId, text, createdMs, decision }: Appeal): MessageInitShape<typeof BanAppealSchema> {
  const made = { banId, text, createTime: timestampFromMs(createdMs) };
  if (decision === undefined) return made;
  const { outcome, answer, by: moderator, decidedMs } = decision;
  return { ...made, outcome: appealOutcomes[outcome], answer, moderator, decideTime: timestampFromMs(decidedMs) };
}

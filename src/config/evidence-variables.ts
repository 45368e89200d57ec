import { evidencePolicies } from "../core/evidence.js";
import { ageRecipients } from "./schemas.js";
import { choice, type Variable } from "./variable.js";

/** The variables about what a report may contain. */
export const evidenceVariables = {
  EVIDENCE: {
    ...choice(...evidencePolicies),
    default: "off",
    help: "What people may attach to a report, encrypted for EVIDENCE_RECIPIENTS: nothing, their last lines of text chat, or these and small pictures of the received video: see docs/evidence.md",
  },
  EVIDENCE_RECIPIENTS: {
    schema: ageRecipients,
    default: "",
    allowed: "public keys of age (age1…), separated by commas",
    help: "The moderators' public keys, up to ten, that evidence is encrypted for; `age-keygen` makes a pair. The private keys do not belong on this server",
  },
} as const satisfies Record<string, Variable>;

import { DomainError } from "./errors.js";
import type { Branded } from "./ids.js";
import type { Descriptions } from "./match.js";

/** A signal from one partner to the other; the fields are those of `satoshigle.v1.Signal`. */
export type Signal =
  ({ kind: "description" } & Description) | ({ kind: "candidate" } & Candidate) | { kind: "candidates_done" };

export interface Description {
  type: "offer" | "answer" | "rollback";
  sdp: string;
  connectionId: string;
}

export interface Candidate {
  candidate: string;
  sdpMid?: string | undefined;
  sdpMlineIndex?: number | undefined;
  usernameFragment?: string | undefined;
}

/** Signals as ASCII text that only `rpc` decodes; the layers in between pass it on. */
export type EncodedSignals = Branded<"signals">;

/**
 * Refuses a description with invalid SDP (RFC 8866, 5: `v=`, `o=`, `s=`, `t=` and, for a call, a media section).
 * @throws DomainError `field_invalid` at `field` + `.sdp` or `.type`
 */
export function checkDescription(description: Description, field: string): void {
  if (description.type === "rollback") {
    if (description.sdp !== "") refuse(`${field}.sdp`, "must be empty for a rollback");
    return;
  }
  if (!isSdp(description.sdp)) refuse(`${field}.sdp`, "must be an SDP session description (RFC 8866)");
}

/** Refuses a description that is not a valid offer. @throws DomainError `field_invalid` */
export function checkOffer(offer: Description): void {
  if (offer.type !== "offer") refuse("offer.type", "must be TYPE_OFFER");
  checkDescription(offer, "offer");
}

/** Returns which descriptions are among signals. */
export function descriptionsIn(signals: readonly Signal[]): Descriptions {
  let [hasOffer, hasAnswer] = [false, false];
  for (const signal of signals) {
    if (signal.kind !== "description") continue;
    hasOffer ||= signal.type === "offer";
    hasAnswer ||= signal.type === "answer";
  }
  return { hasOffer, hasAnswer };
}

/** @throws DomainError `field_invalid` that names the first bad signal. */
export function checkSignals(signals: readonly Signal[]): void {
  signals.forEach((signal, index) => {
    if (signal.kind === "description") checkDescription(signal, `signals[${String(index)}].description`);
  });
}

/** What the first line of each required type must look like. */
const required = [
  { line: /^o=.*/m, form: /^o=\S* \d* \d* \S* IP\d \S*/ },
  { line: /^s=.*/m, form: /^s=/ },
  { line: /^t=.*/m, form: /^t=\d* \d*/ },
  { line: /^m=.*/m, form: /^m=/ },
];
/** The longest such line that a call needs; a media line may list many formats. */
const MAX_LINE = 1024;

function isSdp(text: string): boolean {
  if (!/^v=0\r?\n([a-z]=[^\r\n]*(\r?\n|$))+$/.test(text)) return false;
  return required.every(({ line, form }) => {
    const [found = ""] = line.exec(text) ?? [];
    return found.length <= MAX_LINE && form.test(found);
  });
}

function refuse(field: string, rule: string): never {
  throw new DomainError("field_invalid", `${field}: ${rule}`, { field });
}

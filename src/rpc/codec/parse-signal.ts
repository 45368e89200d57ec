import {
  type Description as WireDescription,
  Description_Type,
  type Signal as WireSignal,
} from "../../../gen/satoshigle/v1/signal_pb.js";
import { DomainError } from "../../core/errors.js";
import type { Description, Signal } from "../../core/signal.js";

export function parseSignal({ kind }: WireSignal): Signal {
  switch (kind.case) {
    case "description":
      return { kind: "description", ...parseDescription(kind.value) };
    case "candidate": {
      const { candidate, sdpMid, sdpMlineIndex, usernameFragment } = kind.value;
      return { kind: "candidate", candidate, sdpMid, sdpMlineIndex, usernameFragment };
    }
    case "candidatesDone":
      return { kind: "candidates_done" };
    case undefined:
      throw new DomainError("field_invalid", "signals: a kind is required", { field: "signals" });
  }
}

export function parseDescription({ type, sdp, connectionId }: WireDescription): Description {
  const known = descriptionTypes.get(type);
  if (known === undefined) throw new DomainError("field_invalid", "type: is unknown", { field: "type" });
  return { type: known, sdp, connectionId };
}

const descriptionTypes = new Map<Description_Type, Description["type"]>([
  [Description_Type.OFFER, "offer"],
  [Description_Type.ANSWER, "answer"],
  [Description_Type.ROLLBACK, "rollback"],
]);

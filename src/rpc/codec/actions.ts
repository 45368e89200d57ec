import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  ActionKind as WireKind,
  type ActionRecordSchema,
  type ListActionsRequest,
  type TakeActionRequest,
} from "../../../gen/satoshigle/internal/v1/action_pb.js";
import type { ActionCommand, ActionFilter } from "../../app/actions.js";
import type { Action, ActionKind } from "../../core/action.js";
import type { Moderator } from "../../core/case.js";
import { DomainError } from "../../core/errors.js";
import type { AddressKey } from "../../core/ids.js";
import { named, parseBanTarget } from "./parse-internal.js";
import { subjectIn, type Subjects } from "./render-records.js";

/** The wire kind of each action. */
export const actionKinds = {
  warn: WireKind.WARN,
  text_only: WireKind.TEXT_ONLY,
  no_reports: WireKind.NO_REPORTS,
  no_tips: WireKind.NO_TIPS,
  quarantine: WireKind.QUARANTINE,
} as const satisfies Record<ActionKind, WireKind>;

export function parseAction({ kind, duration, ...request }: TakeActionRequest, by: Moderator): ActionCommand {
  const { addressKey, subject, reason, statement, force, requestId } = request;
  const target = parseBanTarget({ addressKey, subject });
  const about = { kind: parseKind(kind), reason, statement, by };
  return { target, ...about, durationMs: duration === undefined ? 0 : durationMs(duration), force, requestId };
}

export function parseActionFilter({ kinds, addressKey, subject, inForce }: ListActionsRequest): ActionFilter {
  if (addressKey !== "" && subject !== "") {
    const message = "subject: `address_key` and `subject` exclude each other";
    throw new DomainError("field_invalid", message, { field: "subject" });
  }
  const isForAll = addressKey === "" && subject === "";
  const target = subject === "" ? { addressKey: addressKey as AddressKey } : { subject };
  return { kinds: kinds.map(parseKind), target: isForAll ? undefined : target, inForce };
}

export function renderAction(action: Action, subjects: Subjects): MessageInitShape<typeof ActionRecordSchema> {
  const { id: actionId, kind, addressKey, reason, statement, by: moderator } = action;
  const { createdMs, expiresMs, lift, acknowledgedMs } = action;
  return {
    ...{ actionId, kind: actionKinds[kind], addressKey, subject: subjectIn(subjects, addressKey) },
    ...{ reason, statement, moderator },
    createTime: timestampFromMs(createdMs),
    expireTime: timestampFromMs(expiresMs),
    ...(lift && { liftTime: timestampFromMs(lift.liftedMs), liftedBy: lift.by }),
    ...(acknowledgedMs !== undefined && { acknowledgeTime: timestampFromMs(acknowledgedMs) }),
  };
}

function parseKind(wire: WireKind): ActionKind {
  const kind = named<ActionKind, WireKind>(actionKinds, wire);
  if (kind === undefined) throw new DomainError("field_invalid", "kind: is not a kind of action", { field: "kind" });
  return kind;
}

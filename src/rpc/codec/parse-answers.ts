import type { AcknowledgeReportsRequest, AppealRequest } from "../../../gen/satoshigle/v1/answer_pb.js";
import type { AppealCommand } from "../../app/appeals.js";
import type { BanId } from "../../core/ids.js";

export function parseAcknowledged({ reportIds }: AcknowledgeReportsRequest): number[] {
  return reportIds.map(Number).filter(Number.isSafeInteger);
}

export function parseAppeal({ banId, text, identityToken, deviceKey }: AppealRequest): AppealCommand {
  return {
    banId: banId as BanId,
    text,
    identityToken: identityToken === "" ? undefined : identityToken,
    deviceKey: deviceKey === "" ? undefined : deviceKey,
  };
}

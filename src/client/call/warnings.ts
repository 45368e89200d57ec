import { ReportProblemRequest_Problem as Problem } from "../gen/satoshigle/v1/signaling_pb.js";
import type { WarningCode } from "../types.js";

const PROBLEMS: Record<WarningCode, Problem> = {
  ice_url_refused: Problem.ICE_URL_REFUSED,
  turn_credentials_refused: Problem.TURN_CREDENTIALS_REFUSED,
  relay_missing: Problem.RELAY_MISSING,
};

export function fromWarningCode(code: WarningCode): Problem {
  return PROBLEMS[code];
}

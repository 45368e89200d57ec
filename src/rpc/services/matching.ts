import type { MatchRequest, ReportRequest } from "../../../gen/satoshigle/v1/matching_pb.js";
import type { Caller } from "../../app/caller.js";
import type { Matching } from "../../app/matching.js";
import type { Moderation } from "../../app/moderation.js";
import { parseMatch, parseReport } from "../codec/parse.js";

/** `MatchService` as plain functions of caller and message. */
export function matchingService(matching: Matching, moderation: Moderation) {
  return {
    async match(caller: Caller, request: MatchRequest): Promise<void> {
      await matching.match(caller, parseMatch(request));
    },

    async leave(caller: Caller): Promise<void> {
      await matching.leave(caller);
    },

    async report(caller: Caller, request: ReportRequest): Promise<void> {
      await moderation.report(caller, parseReport(request));
    },
  };
}

import { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { AppealState } from "../../../gen/satoshigle/internal/v1/appeal_pb.js";
import type { Appeals } from "../../app/appeals.js";
import type { Moderation } from "../../app/moderation.js";
import type { Evidence } from "../../app/evidence.js";
import type { Ban } from "../../core/ban.js";
import type { BanId } from "../../core/ids.js";
import type { StoredReport } from "../../ports/moderation-store.js";
import { parseAppealOutcome } from "../codec/appeals.js";
import { toToken } from "../codec/page-token.js";
import { parseBan, parseBanTarget, parsePage, parsePosition } from "../codec/parse-internal.js";
import { renderBan, renderReport } from "../codec/render-records.js";
import type { InternalService } from "../service.js";
import type { ServiceImpl } from "@connectrpc/connect";
import type { Operators } from "../../ports/operators.js";
import { actorOf } from "./actor.js";
import { type CaseDesk, caseMethods } from "./cases.js";

/** `ModerationService`, for operators. */
export function moderationService(moderation: Moderation, appeals: Appeals, desk: CaseDesk): InternalService {
  const { renderReports, renderBans } = renderersFor(moderation, desk.evidence);
  return {
    desc: ModerationService,
    addTo: (router) =>
      router.service(ModerationService, {
        ...caseMethods(desk, renderReports),
        ...appealMethods(appeals, desk.operators, renderBans),

        async listReports(request) {
          const { size, before } = parsePage("reports", request);
          const page = await moderation.listReports(size, before);
          return { reports: await renderReports(...page.items), nextPageToken: toToken("reports", page.before) };
        },

        async *watchReports(request, { signal }) {
          for await (const stored of moderation.watchReports(parsePosition("watch", request), signal)) {
            const [report] = await renderReports(stored);
            yield { cursor: toToken("watch", stored.number), report };
          }
        },

        async resolveReport({ reportId, resolution }, context) {
          const by = actorOf(desk.operators, context);
          const [report] = await renderReports(await moderation.resolveReport(Number(reportId), resolution, by));
          return { report };
        },

        async ban(request, context) {
          const by = actorOf(desk.operators, context);
          const [ban] = await renderBans(await moderation.ban(parseBan(request, by)));
          return { ban };
        },

        async unban(request, context) {
          const by = actorOf(desk.operators, context);
          return { wasBanned: await moderation.unban(parseBanTarget(request), by) };
        },

        async listBans(request) {
          const { size, before } = parsePage("bans", request);
          const page = await moderation.listBans(size, before);
          return { bans: await renderBans(...page.items), nextPageToken: toToken("bans", page.before) };
        },
      }),
  };
}

type AppealMethods = Pick<ServiceImpl<typeof ModerationService>, "listAppeals" | "resolveAppeal">;

/** The methods of `ModerationService` that are about appeals. */
function appealMethods(
  appeals: Appeals,
  operators: Operators,
  renderBans: (...bans: Ban[]) => Promise<ReturnType<typeof renderBan>[]>,
): AppealMethods {
  return {
    async listAppeals(request) {
      const isDecided = request.state === AppealState.DECIDED;
      const listing = isDecided ? "decidedAppeals" : "openAppeals";
      const { size, before: place } = parsePage(listing, request);
      const page = await (isDecided ? appeals.listDecided(size, place) : appeals.listOpen(size, place));
      return { bans: await renderBans(...page.items), nextPageToken: toToken(listing, page.before) };
    },

    async resolveAppeal({ banId, outcome, answer }, context) {
      const by = actorOf(operators, context);
      const ban = await appeals.resolve(banId as BanId, parseAppealOutcome(outcome), answer, by);
      return { ban: (await renderBans(ban))[0] };
    },
  };
}

/** Renders reports and bans with the subjects of people. */
function renderersFor(moderation: Moderation, evidence: Evidence) {
  const renderReports = async (...reports: StoredReport[]) => {
    const people = reports.flatMap(({ reporterPerson, reportedKey }) => [reporterPerson, reportedKey]);
    const [subjects, complete] = await Promise.all([
      moderation.subjectsOf(people),
      evidence.complete(reports.map(({ number }) => number)),
    ]);
    return reports.map((report) => renderReport(report, subjects, complete.has(report.number)));
  };
  const renderBans = async (...bans: Ban[]) => {
    const subjects = await moderation.subjectsOf(bans.map(({ addressKey }) => addressKey));
    return bans.map((ban) => renderBan(ban, subjects));
  };
  return { renderReports, renderBans };
}

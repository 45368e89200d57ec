import { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import type { Appeals } from "../../app/appeals.js";
import type { Moderation } from "../../app/moderation.js";
import type { Evidence } from "../../app/evidence.js";
import type { Ban } from "../../core/ban.js";
import type { StoredReport } from "../../ports/moderation-store.js";
import { toToken } from "../codec/page-token.js";
import { parsePage, parsePosition } from "../codec/parse-internal.js";
import { renderBan, renderReport } from "../codec/render-records.js";
import type { InternalService } from "../service.js";
import { actorOf } from "./actor.js";
import { banMethods } from "./bans.js";
import { type CaseDesk, caseMethods } from "./cases.js";

/** `ModerationService`, for operators. */
export function moderationService(moderation: Moderation, appeals: Appeals, desk: CaseDesk): InternalService {
  const { renderReports, renderBans } = renderersFor(moderation, desk.evidence);
  return {
    desc: ModerationService,
    addTo: (router) =>
      router.service(ModerationService, {
        ...caseMethods(desk, renderReports),
        ...banMethods({ moderation, appeals, operators: desk.operators }, renderBans),

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
      }),
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

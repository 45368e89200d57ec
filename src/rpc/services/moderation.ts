import { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import type { Moderation } from "../../app/moderation.js";
import type { AddressKey } from "../../core/ids.js";
import { toToken } from "../codec/page-token.js";
import { parseBan, parsePage, parsePosition } from "../codec/parse-internal.js";
import { renderBan, renderReport } from "../codec/render-records.js";
import type { InternalService } from "../service.js";

/** `ModerationService`, for operators. */
export function moderationService(moderation: Moderation): InternalService {
  return {
    desc: ModerationService,
    addTo: (router) =>
      router.service(ModerationService, {
        async listReports(request) {
          const { size, before } = parsePage("reports", request);
          const page = await moderation.listReports(size, before);
          return { reports: page.items.map(renderReport), nextPageToken: toToken("reports", page.before) };
        },

        async *watchReports(request, { signal }) {
          for await (const report of moderation.watchReports(parsePosition("watch", request), signal)) {
            yield { cursor: toToken("watch", report.number), report: renderReport(report) };
          }
        },

        async resolveReport({ reportId, resolution }) {
          return { report: renderReport(await moderation.resolveReport(Number(reportId), resolution)) };
        },

        async ban(request) {
          return { ban: renderBan(await moderation.ban(parseBan(request))) };
        },

        async unban({ addressKey }) {
          return { wasBanned: await moderation.unban(addressKey as AddressKey) };
        },

        async listBans(request) {
          const { size, before } = parsePage("bans", request);
          const page = await moderation.listBans(size, before);
          return { bans: page.items.map(renderBan), nextPageToken: toToken("bans", page.before) };
        },
      }),
  };
}

import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type BanRecordSchema,
  ModerationService,
  type ReportRecordSchema,
} from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import type { Moderation } from "../../app/moderation.js";
import type { Ban } from "../../core/ban.js";
import type { AddressKey } from "../../core/ids.js";
import { levelsOf, narrowestOf } from "../../core/network-key.js";
import type { StoredReport } from "../../ports/moderation-store.js";
import type { InternalService } from "../internal-listener.js";
import { fromToken, toToken } from "../codec/page-token.js";

/** How many there are on a page when nothing is said. */
const PAGE_SIZE = 100;

/** `ModerationService`, for operators. */
export function moderationService(moderation: Moderation): InternalService {
  return {
    desc: ModerationService,
    addTo: (router) =>
      router.service(ModerationService, {
        async listReports({ pageSize, pageToken }) {
          const before = fromToken("reports", pageToken, "page_token");
          const page = await moderation.listReports(pageSize || PAGE_SIZE, before);
          return { reports: page.items.map(renderReport), nextPageToken: toToken("reports", page.before) };
        },

        async *watchReports({ cursor }, { signal }) {
          const after = fromToken("watch", cursor, "cursor") ?? 0;
          for await (const report of moderation.watchReports(after, signal)) {
            yield { cursor: toToken("watch", report.number), report: renderReport(report) };
          }
        },

        async resolveReport({ reportId, resolution }) {
          return { report: renderReport(await moderation.resolveReport(Number(reportId), resolution)) };
        },

        async ban({ addressKey, reason, duration }) {
          const forMs = duration && durationMs(duration);
          const ban = await moderation.ban({ addressKey: addressKey as AddressKey, reason, durationMs: forMs });
          return { ban: renderBan(ban) };
        },

        async unban({ addressKey }) {
          return { wasBanned: await moderation.unban(addressKey as AddressKey) };
        },

        async listBans({ pageSize, pageToken }) {
          const before = fromToken("bans", pageToken, "page_token");
          const page = await moderation.listBans(pageSize || PAGE_SIZE, before);
          return { bans: page.items.map(renderBan), nextPageToken: toToken("bans", page.before) };
        },
      }),
  };
}

function renderReport(report: StoredReport): MessageInitShape<typeof ReportRecordSchema> {
  const { number, matchId, reason, comment, matchStartMs, createdMs, resolution } = report;
  const [reportedKey = "", ...reportedWiderKeys] = levelsOf(report.reportedKey);
  return {
    reportId: String(number),
    ...{ reporterKey: narrowestOf(report.reporterKey), reportedKey, reportedWiderKeys, matchId, reason, comment },
    matchStartTime: timestampFromMs(matchStartMs),
    createTime: timestampFromMs(createdMs),
    ...(resolution && { resolveTime: timestampFromMs(resolution.resolvedMs), resolution: resolution.text }),
  };
}

function renderBan({
  addressKey,
  reason,
  automatic,
  createdMs,
  expiresMs,
}: Ban): MessageInitShape<typeof BanRecordSchema> {
  const [createTime, expireTime] = [timestampFromMs(createdMs), timestampFromMs(expiresMs)];
  return { addressKey, reason, automatic, createTime, expireTime };
}

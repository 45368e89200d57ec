import { UNNAMED } from "../../../src/core/case.js";
import type { AddressKey, MatchId, SessionId } from "../../../src/core/ids.js";
import type { ModerationStore } from "../../../src/ports/moderation-store.js";

const never = { afterReports: 0, durationMs: 0 };

/** Stores reports and bans as fast as possible, some concurrently, and calls back for each acknowledgement. */
export async function keepWriting(
  records: ModerationStore,
  round: string,
  onAcknowledged: (name: string) => void,
): Promise<void> {
  const write = async (lane: number) => {
    for (let index = 0; ; index++) {
      const name = `${round}-${String(lane)}-${String(index)}`;
      const createdMs = Date.now();
      const addressKey = name as AddressKey;
      const report = {
        reporterId: "r" as SessionId,
        reporterKey: "a" as AddressKey,
        reportedKey: addressKey,
        bothHeard: true,
      };
      const about = { matchId: name as MatchId, reason: "spam", comment: "", matchStartMs: 0, createdMs } as const;
      await records.addReport({ ...report, ...about }, never);
      onAcknowledged(`report ${name}`);
      await records.putBan(
        { addressKey, reason: "", automatic: false, createdMs, expiresMs: createdMs + 1e9 },
        UNNAMED,
      );
      onAcknowledged(`ban ${name}`);
    }
  };
  await Promise.all([0, 1, 2, 3].map(write));
}

/** Everything stored, under the names that `keepWriting` uses. */
export async function kept(records: ModerationStore): Promise<Set<string>> {
  const reports = await records.reportsAfter(0, 1_000_000);
  const bans = await records.bansAfter(0, 1_000_000);
  return new Set([
    ...reports.map(({ matchId }) => `report ${matchId}`),
    ...bans.map(({ addressKey }) => `ban ${addressKey}`),
  ]);
}

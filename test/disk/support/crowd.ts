import { randomUUID } from "node:crypto";
import { ReportReason } from "../../../gen/satoshigle/v1/matching_pb.js";
import { pair, type Pair } from "../../support/pair.js";
import { transportTo } from "../../support/test-client.js";
import { readRefusal, type Refusal } from "../../support/refusal.js";

/** Variables of a server that accepts all calls of many clients from one address. */
export const crowded = { MAX_CONNECTIONS_PER_IP: "10000", RATE_LIMIT_MAX_REQUESTS: "100000", WIDEN_AFTER_MS: "600000" };

export function pairs(url: string, count: number): Promise<Pair[]> {
  return Promise.all(Array.from({ length: count }, () => pair(transportTo(url))));
}

/** Offers as many tips as may be open, of all pairs concurrently. Returns the acknowledged ones and the refusals. */
export async function offerTips(among: readonly Pair[], each: number): Promise<{ kept: string[]; refused: Refusal[] }> {
  const kept: string[] = [];
  const refused: Refusal[] = [];
  const offer = async ({ matchId, offerer }: Pair) => {
    const tipId = randomUUID();
    try {
      await offerer.tips.offer({ tipId, matchId, amountMsat: 21_000n, comment: "x".repeat(100) });
      kept.push(tipId);
    } catch (error) {
      refused.push(readRefusal(error));
    }
  };
  await Promise.all(among.flatMap((one) => Array.from({ length: each }, () => offer(one))));
  return { kept, refused };
}

export function report({ matchId, offerer }: Pair): Promise<unknown> {
  return offerer.report({ matchId, reason: ReportReason.SPAM, comment: "x".repeat(400) });
}

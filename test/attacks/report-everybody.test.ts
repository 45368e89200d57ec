import { Agent } from "node:http";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CaseOutcome } from "../../gen/satoshigle/internal/v1/case_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { limits } from "../../src/core/limits.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { report, Target } from "./support/target.js";

/** Far more than 1,000 reports take on a busy machine. */
const TIMEOUT_MS = 600_000;
const as = (moderator: string) => ({ headers: { "x-satoshigle-moderator": moderator } });

let target: Target;
let transport: Transport;
let desk: Client<typeof ModerationService>;
const agent = new Agent({ keepAlive: true });
beforeAll(async () => {
  target = await Target.start({
    ...{ ...roomy, RATE_LIMIT_MAX_REQUESTS: "1000000", MAX_LOOP_DELAY_MS: "10000" },
    ...{ IDENTITY_SECRET: appSecret, BAN_AFTER_REPORTS: "0", SESSIONS_PER_PERSON: "20" },
  });
  transport = createConnectTransport({ baseUrl: target.url, httpVersion: "1.1", nodeOptions: { agent } });
  desk = createClient(ModerationService, createGrpcTransport({ baseUrl: target.internalUrl }));
});
afterAll(async () => {
  agent.destroy();
  await target.close();
});

const personNamed = async (sub: string) => TestClient.open(transport, { identityToken: await identityToken({ sub }) });

async function meet(one: TestClient, other: TestClient): Promise<string> {
  const request = { preferences: { interests: [uniqueInterest()] } };
  await one.match(request);
  await other.match(request);
  const [{ matchId }] = await Promise.all([one.until("matched"), other.until("matched")]);
  return matchId;
}

describe("one person who reports everybody", () => {
  /** A session reports at most `limits.reportedPartners` partners. */
  const SESSIONS = 10;
  const REPORTS = SESSIONS * limits.reportedPartners;
  /** How many moderators' calls are under way at a time. */
  const AT_ONCE = 20;

  const casesAbout = async (prefix: string) => {
    const found = [];
    let pageToken = "";
    do {
      const page = await desk.listCases({ pageSize: 500, pageToken });
      found.push(...page.cases);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return found.filter(({ reportedSubject }) => reportedSubject.startsWith(prefix));
  };

  async function reportBy(reporter: TestClient, subject: string, reason = ReportReason.SPAM): Promise<void> {
    const victim = await personNamed(subject);
    const matchId = await meet(reporter, victim);
    await reporter.report({ matchId, reason, comment: "" });
    await victim.break();
  }

  it(
    "counts for nothing after 1,000 unfounded reports, and comes after an honest one about less",
    async () => {
      const lie = async (session: number) => {
        const liar = await personNamed("liar");
        for (let index = 0; index < limits.reportedPartners; index++) {
          await reportBy(liar, `victim ${String(session)} ${String(index)}`);
        }
        await liar.break();
      };
      await Promise.all(Array.from({ length: SESSIONS }, (_, session) => lie(session)));
      const cases = await casesAbout("victim ");
      expect(cases).toHaveLength(REPORTS);
      const first = Math.max(...cases.map(({ priority }) => priority));
      expect(first).toBeGreaterThan(0);
      for (let start = 0; start < REPORTS; start += AT_ONCE) {
        await Promise.all(
          cases.slice(start, start + AT_ONCE).map(async ({ caseId }) => {
            await desk.claimCase({ caseId }, as("mo"));
            await desk.resolveCase({ caseId, outcome: CaseOutcome.NO_VIOLATION, resolution: "" }, as("mo"));
          }),
        );
      }
      await reportBy(await personNamed("liar"), "last liar's", ReportReason.MINOR);
      await reportBy(await personNamed("honest"), "last honest", ReportReason.OTHER);
      const last = await casesAbout("last ");
      expect(last.map(({ reportedSubject }) => reportedSubject)).toEqual(["last honest", "last liar's"]);
      expect(last[1]?.priority).toBe(0);
      report("1,000 unfounded reports", { "priority before": first, after: last[1]?.priority ?? NaN });
    },
    TIMEOUT_MS,
  );
});

import { randomBytes } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { EvidencePolicy, EvidenceService } from "../../gen/satoshigle/v1/evidence_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { roomy } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";
import { meet } from "./support/networks.js";

const as = (moderator: string) => ({ headers: { "x-satoshigle-moderator": moderator } });
let key: string;
let recipient: string;
let server: TestServer;
beforeAll(async () => {
  key = await generateIdentity();
  recipient = await identityToRecipient(key);
  server = await startServer({ ...roomy, EVIDENCE: "chat", EVIDENCE_RECIPIENTS: recipient });
});
afterAll(() => server.close());

const deskOf = (at: TestServer) => createClient(ModerationService, createGrpcTransport({ baseUrl: at.internalUrl }));

/** Two clients in a match, each with its calls. */
async function pair(at = server) {
  const transport = transportTo(at.url);
  const [one, other] = [await TestClient.open(transport), await TestClient.open(transport)];
  const { matchId } = await meet(one, other);
  const callsOf = ({ welcome }: TestClient) => {
    const options = { headers: { authorization: `Bearer ${welcome.token}` } };
    const client = createClient(EvidenceService, transport);
    return {
      policy: () => client.getEvidencePolicy({}, options),
      attach: (data: Uint8Array, index = 0, count = 1) =>
        client.attachEvidence({ matchId, index, count, data }, options),
      commit: (count: number, head: Uint8Array) => client.commitChat({ matchId, count, head }, options),
    };
  };
  const report = () => one.report({ matchId, reason: ReportReason.HARASSMENT, comment: "" });
  return { matchId, report, reporter: callsOf(one), partner: callsOf(other), reporterId: one.welcome.sessionId };
}

async function seal(content: Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(content);
}

/** The report about a match, as a moderator sees it. */
async function recordOf(matchId: string, at = server) {
  const { reports } = await deskOf(at).listReports({ pageSize: 500 });
  const found = reports.find((report) => report.matchId === matchId);
  if (found === undefined) throw new Error("the report is not listed");
  return found;
}

async function openEvidence(reportId: string, at = server) {
  const pieces = [];
  for await (const piece of deskOf(at).getEvidence({ reportId }, as("ann"))) pieces.push(piece);
  const [first] = pieces;
  return { sealed: Buffer.concat(pieces.map(({ data }) => data)), first };
}

describe("evidence", () => {
  it("goes from a reporter to the moderators, who alone can read it", async () => {
    const { matchId, report, reporter, partner, reporterId } = await pair();
    const keptFor = { seconds: 30n * 86_400n };
    expect(await reporter.policy()).toMatchObject({ policy: EvidencePolicy.CHAT, recipients: [recipient], keptFor });
    const head = randomBytes(32);
    await partner.commit(3, head);
    await report();
    const content = randomBytes(40_000);
    const sealed = await seal(content);
    const count = Math.ceil(sealed.length / 16_384);
    for (let index = count - 1; index >= 0; index--) {
      expect((await recordOf(matchId)).hasEvidence).toBe(false);
      await reporter.attach(sealed.subarray(index * 16_384, (index + 1) * 16_384), index, count);
    }
    const record = await recordOf(matchId);
    expect(record).toMatchObject({ hasEvidence: true, reporterId });
    const found = await openEvidence(record.reportId);
    const decrypter = new Decrypter();
    decrypter.addIdentity(key);
    expect(Buffer.compare(await decrypter.decrypt(found.sealed), content)).toBe(0);
    expect(found.first?.reportedCommitment).toMatchObject({ count: 3, head: Uint8Array.from(head) });
    expect(found.first?.reporterCommitment).toBeUndefined();
    const { entries } = await deskOf(server).listAudit({ pageSize: 1 });
    expect(entries).toMatchObject([
      { act: "evidence_opened", moderator: "ann", reportId: record.reportId, detail: "" },
    ]);
  });

  it("is taken from the reporter of the match alone, once, and only encrypted", async () => {
    const { report, reporter, partner } = await pair();
    const sealed = await seal(Buffer.from("said"));
    await expect(refusalOf(reporter.attach(sealed))).resolves.toMatchObject({ reason: "MATCH_OVER" });
    await report();
    await expect(refusalOf(partner.attach(sealed))).resolves.toMatchObject({ reason: "MATCH_OVER" });
    const plain = await refusalOf(reporter.attach(Buffer.from("said")));
    expect(plain).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID" });
    await expect(refusalOf(reporter.attach(sealed, 1, 1))).resolves.toMatchObject({ code: "InvalidArgument" });
    const big = await refusalOf(reporter.attach(Buffer.alloc(16_385)));
    expect(big).toMatchObject({ code: "InvalidArgument" });
    await reporter.attach(sealed);
    await reporter.attach(sealed);
    const other = await refusalOf(reporter.attach(await seal(Buffer.from("another"))));
    expect(other).toMatchObject({ code: "AlreadyExists", reason: "EVIDENCE_TAKEN" });
  });

  it("is opened by a moderator with a name, if it is there", async () => {
    const { matchId, report } = await pair();
    await report();
    const { reportId } = await recordOf(matchId);
    await expect(refusalOf(openEvidence(reportId))).resolves.toMatchObject({ reason: "EVIDENCE_UNKNOWN" });
    await expect(refusalOf(openEvidence("1"))).resolves.toMatchObject({ reason: "REPORT_UNKNOWN" });
    const nameless = () => deskOf(server).getEvidence({ reportId })[Symbol.asyncIterator]().next();
    await expect(refusalOf(nameless())).resolves.toMatchObject({ reason: "MODERATOR_REQUIRED" });
  });

  it("is refused by default", async () => {
    const closed = await startServer(roomy);
    const { report, reporter } = await pair(closed);
    expect(await reporter.policy()).toMatchObject({ policy: EvidencePolicy.OFF, recipients: [] });
    await report();
    await expect(refusalOf(reporter.attach(await seal(Buffer.from("x"))))).resolves.toMatchObject({
      reason: "EVIDENCE_OFF",
    });
    await closed.close();
  });
});

describe("a commitment", () => {
  it("is about a match of the session that has not been reported", async () => {
    const { report, reporter, partner } = await pair();
    const stranger = await pair();
    await reporter.commit(1, randomBytes(32));
    await report();
    await expect(refusalOf(partner.commit(1, randomBytes(32)))).resolves.toMatchObject({ reason: "MATCH_OVER" });
    await stranger.partner.commit(1, randomBytes(32));
    await expect(refusalOf(partner.commit(1, randomBytes(31)))).resolves.toMatchObject({ code: "InvalidArgument" });
  });
});

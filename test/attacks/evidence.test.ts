import { randomBytes } from "node:crypto";
import http from "node:http";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { EvidenceService } from "../../gen/satoshigle/v1/evidence_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { PATIENCE_MS } from "../support/patience.js";
import { refusalOf } from "../support/refusal.js";
import { TestClient } from "../support/test-client.js";
import { MIB, report, Target } from "./support/target.js";

const PIECE_BYTES = 16 * 1024;
const MAX_PIECES = 8;
const GIB = 1024 * MIB;
const attachPath = "/satoshigle.v1.EvidenceService/AttachEvidence";
const as = (moderator: string) => ({ headers: { "x-satoshigle-moderator": moderator } });

let key: string;
let recipient: string;
let target: Target;
let desk: Client<typeof ModerationService>;
beforeAll(async () => {
  key = await generateIdentity();
  recipient = await identityToRecipient(key);
  target = await Target.start({
    ...{ ...roomy, RATE_LIMIT_MAX_REQUESTS: "1000000", MAX_LOOP_DELAY_MS: "10000" },
    ...{ EVIDENCE: "chat", EVIDENCE_RECIPIENTS: recipient, BAN_AFTER_REPORTS: "0" },
  });
  desk = createClient(ModerationService, createGrpcTransport({ baseUrl: target.internalUrl }));
});
afterAll(() => target.close());

async function meet(one: TestClient, other: TestClient): Promise<string> {
  const request = { preferences: { interests: [uniqueInterest()] } };
  await one.match(request);
  await other.match(request);
  const [{ matchId }] = await Promise.all([one.until("matched"), other.until("matched")]);
  return matchId;
}

/** A report about a new match, and what its reporter attaches to it. */
async function reported() {
  const [reporter, partner] = [await TestClient.open(target.transport()), await TestClient.open(target.transport())];
  const matchId = await meet(reporter, partner);
  await reporter.report({ matchId, reason: ReportReason.HARASSMENT, comment: "" });
  const { reports } = await desk.listReports({ pageSize: 500 });
  const reportId = reports.find((one) => one.matchId === matchId)?.reportId ?? "";
  return { matchId, reportId, reporter, partner };
}

const evidenceOf = ({ welcome }: TestClient) => {
  const options = { headers: { authorization: `Bearer ${welcome.token}` } };
  const client = createClient(EvidenceService, target.transport());
  return (matchId: string, data: Uint8Array, index = 0, count = 1) =>
    client.attachEvidence({ matchId, index, count, data }, options);
};

async function seal(text: string, to = recipient): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(to);
  return encrypter.encrypt(text);
}

async function opened(reportId: string): Promise<Buffer> {
  const pieces = [];
  for await (const { data } of desk.getEvidence({ reportId }, as("ann"))) pieces.push(data);
  return Buffer.concat(pieces);
}

function decrypt(sealed: Uint8Array): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  return decrypter.decrypt(sealed, "text");
}

/** POSTs 1 GiB until the server answers or ends the connection. Returns what it answered, and how much it took. */
async function pour(headers: Record<string, string>): Promise<{ status: number; sent: number }> {
  const options = { host: "127.0.0.1", port: target.port, path: attachPath, method: "POST", headers, agent: false };
  const request = http.request(options).on("error", () => undefined);
  let [status, isOver, sent] = [0, false, 0];
  const ended = new Promise<void>((resolve) => {
    request.once("close", resolve).once("response", (response) => {
      status = response.statusCode ?? 0;
      response.resume();
      resolve();
    });
  }).then(() => (isOver = true));
  const chunk = randomBytes(64 * 1024);
  for (; !isOver && sent < GIB; sent += chunk.length) {
    if (!request.write(chunk)) await Promise.race([new Promise((resolve) => request.once("drain", resolve)), ended]);
  }
  request.destroy();
  await ended;
  return { status, sent };
}

describe("evidence of 1 GiB", () => {
  it("is refused before it was sent, and uses no memory", async () => {
    const { reporter } = await reported();
    const authorization = `Bearer ${reporter.welcome.token}`;
    const attack = async () => {
      for (const type of ["application/proto", "application/json"]) {
        for (const length of [{}, { "content-length": String(GIB) }]) {
          const headers = { ...length, authorization, "content-type": type };
          const answers = await Promise.all(Array.from({ length: 5 }, () => pour(headers)));
          const sent = Math.max(...answers.map((answer) => answer.sent));
          report(`evidence of 1 GiB as ${type}`, { "MiB sent": sent / MIB, status: answers[0]?.status ?? 0 });
          expect(sent).toBeLessThan(64 * MIB); // what the buffers of the system hold, and those of a proxy
          for (const { status } of answers) expect(status).not.toBe(200);
        }
      }
    };
    await attack(); // the first one fills caches
    const before = await target.figures();
    await attack();
    const after = await target.figures();
    report("20 evidences of 1 GiB", { "MiB of RSS more": (after.rss - before.rss) / MIB });
    expect((after.rss - before.rss) / MIB).toBeLessThan(64);
    const kept = async () => {
      const { heapUsed, external } = await target.figures();
      return (heapUsed + external - before.heapUsed - before.external) / MIB;
    };
    await expect.poll(kept, { timeout: PATIENCE_MS }).toBeLessThan(8); // once the connections have ended
    expect(after.troubles).toEqual([]);
  });

  it("is refused in pieces too, and what fits remains as it is", async () => {
    const { matchId, reportId, reporter } = await reported();
    const attach = evidenceOf(reporter);
    const content = Buffer.concat([await seal("said"), randomBytes(MAX_PIECES * PIECE_BYTES)]);
    const pieceAt = (index: number) => content.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
    const invalid = { code: "InvalidArgument" };
    expect(await refusalOf(attach(matchId, pieceAt(0), 0, 65_536))).toMatchObject(invalid);
    expect(await refusalOf(attach(matchId, pieceAt(0), MAX_PIECES, MAX_PIECES))).toMatchObject(invalid);
    expect(await refusalOf(attach(matchId, content.subarray(0, PIECE_BYTES + 1), 0, MAX_PIECES))).toMatchObject(
      invalid,
    );
    for (let index = 0; index < MAX_PIECES; index++) await attach(matchId, pieceAt(index), index, MAX_PIECES);
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < MAX_PIECES; index++) {
        const other = attach(matchId, randomBytes(PIECE_BYTES), index, MAX_PIECES);
        expect((await refusalOf(other)).code).not.toBe("Internal");
      }
    }
    expect(await opened(reportId)).toEqual(content.subarray(0, MAX_PIECES * PIECE_BYTES));
  });
});

describe("evidence for other recipients", () => {
  it("is opened by no moderator, and harms no other evidence", async () => {
    const [wrong, right] = [await reported(), await reported()];
    const own = await identityToRecipient(await generateIdentity());
    await evidenceOf(wrong.reporter)(wrong.matchId, await seal("for nobody here", own));
    await evidenceOf(right.reporter)(right.matchId, await seal("for moderators"));
    await expect(decrypt(await opened(wrong.reportId))).rejects.toThrow();
    expect(await decrypt(await opened(right.reportId))).toBe("for moderators");
  });
});

describe("evidence of another report", () => {
  it("is not replaced by that of a stranger, of the partner, or of an earlier report of the reporter", async () => {
    const [mine, theirs] = [await reported(), await reported()];
    await evidenceOf(mine.reporter)(mine.matchId, await seal("mine"));
    await evidenceOf(theirs.reporter)(theirs.matchId, await seal("theirs"));
    const mallory = await TestClient.open(target.transport());
    const sealed = await seal("swapped");
    for (const thief of [mallory, mine.reporter, mine.partner, theirs.partner]) {
      const swap = evidenceOf(thief)(theirs.matchId, sealed);
      expect(await refusalOf(swap)).toMatchObject({ reason: "MATCH_OVER" });
    }
    const again = evidenceOf(mine.reporter)(mine.matchId, await opened(theirs.reportId));
    expect(await refusalOf(again)).toMatchObject({ reason: "EVIDENCE_TAKEN" });
    expect(await decrypt(await opened(mine.reportId))).toBe("mine");
    expect(await decrypt(await opened(theirs.reportId))).toBe("theirs");
  });

  it("is not taken for a report that waits for its own", async () => {
    const [mine, theirs] = [await reported(), await reported()];
    const swap = evidenceOf(mine.reporter)(theirs.matchId, await seal("swapped"));
    expect(await refusalOf(swap)).toMatchObject({ reason: "MATCH_OVER" });
    expect(await refusalOf(opened(theirs.reportId))).toMatchObject({ reason: "EVIDENCE_UNKNOWN" });
    await evidenceOf(theirs.reporter)(theirs.matchId, await seal("theirs"));
    expect(await decrypt(await opened(theirs.reportId))).toBe("theirs");
  });
});

import { rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ActionService } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { ChannelService } from "../../gen/satoshigle/internal/v1/channel_pb.js";
import { DepositReviewService } from "../../gen/satoshigle/internal/v1/deposit_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { PeopleService } from "../../gen/satoshigle/internal/v1/people_pb.js";
import { PaymentService } from "../../gen/satoshigle/internal/v1/payment_pb.js";
import { TransparencyService } from "../../gen/satoshigle/internal/v1/transparency_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { type Certificate, makeCertificate } from "../support/certificate.js";
import { GrpcClient, type ServiceName } from "../support/grpc.js";
import { pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";

/** A period, as grpc-js takes it. */
const DAY = { start: { seconds: 1_700_000_000 }, end: { seconds: 1_700_086_400 } };
const KEY = "A".repeat(22);
const COMMAND = { commandId: "A".repeat(22) };
const CHANNEL = `${"0".repeat(64)}:0`;
const OPEN = { ...COMMAND, terms: { peerId: `02${"0".repeat(64)}`, capacitySat: 1_000 } };

/** Every internal unary call, and its result on a new server. Draining comes last. */
const unary: Record<string, [service: ServiceName, request: object, end: string][]> = {
  MonitoringService: [["satoshigle.internal.v1.MonitoringService", {}, "getStats"]],
  ModerationService: [
    ["satoshigle.internal.v1.ModerationService", {}, "listReports"],
    ["satoshigle.internal.v1.ModerationService", { reportId: "1", resolution: "x" }, "resolveReport NOT_FOUND"],
    ["satoshigle.internal.v1.ModerationService", {}, "listCases"],
    ["satoshigle.internal.v1.ModerationService", { caseId: "1" }, "getCase NOT_FOUND"],
    ["satoshigle.internal.v1.ModerationService", { caseId: "1" }, "listCaseReports"],
    ["satoshigle.internal.v1.ModerationService", { caseId: "1" }, "claimCase UNAUTHENTICATED"],
    ["satoshigle.internal.v1.ModerationService", { caseId: "1" }, "releaseCase UNAUTHENTICATED"],
    ["satoshigle.internal.v1.ModerationService", { caseId: "1", outcome: 1 }, "resolveCase UNAUTHENTICATED"],
    ["satoshigle.internal.v1.ModerationService", { caseId: "1", text: "x" }, "addNote UNAUTHENTICATED"],
    ["satoshigle.internal.v1.ModerationService", {}, "listAudit"],
    ["satoshigle.internal.v1.ModerationService", { addressKey: KEY, reason: "x" }, "ban"],
    ["satoshigle.internal.v1.ModerationService", {}, "listBans"],
    ["satoshigle.internal.v1.ModerationService", { addressKey: KEY }, "unban"],
    ["satoshigle.internal.v1.ModerationService", {}, "listAppeals"],
    [
      "satoshigle.internal.v1.ModerationService",
      { banId: "A".repeat(16), outcome: "APPEAL_OUTCOME_UPHELD" },
      "resolveAppeal NOT_FOUND",
    ],
  ],
  ActionService: [
    [
      "satoshigle.internal.v1.ActionService",
      { subject: "ann", kind: "ACTION_KIND_NO_TIPS", duration: { seconds: 60 } },
      "takeAction",
    ],
    ["satoshigle.internal.v1.ActionService", { actionId: KEY }, "liftAction NOT_FOUND"],
    ["satoshigle.internal.v1.ActionService", {}, "listActions"],
  ],
  TransparencyService: [["satoshigle.internal.v1.TransparencyService", DAY, "getFigures"]],
  PeopleService: [
    ["satoshigle.internal.v1.PeopleService", { subject: "ann", otherSubject: "bob" }, "block"],
    ["satoshigle.internal.v1.PeopleService", { subject: "ann" }, "getPerson"],
    ["satoshigle.internal.v1.PeopleService", {}, "listPeople"],
    ["satoshigle.internal.v1.PeopleService", { subject: "ann", otherSubject: "bob" }, "unblock"],
    ["satoshigle.internal.v1.PeopleService", { subject: "ann" }, "closeSessions"],
    ["satoshigle.internal.v1.PeopleService", { subject: "ann" }, "revokeTokens"],
    ["satoshigle.internal.v1.PeopleService", { subject: "ann" }, "forget"],
  ],
  PaymentService: [
    ["satoshigle.internal.v1.PaymentService", { tipId: randomUUID() }, "getTip NOT_FOUND"],
    ["satoshigle.internal.v1.PaymentService", {}, "listTips"],
    ["satoshigle.internal.v1.PaymentService", { day: "2026-01-31" }, "getTotals"],
  ],
  ChannelService: [
    ["satoshigle.internal.v1.ChannelService", {}, "getNode FAILED_PRECONDITION"],
    ["satoshigle.internal.v1.ChannelService", {}, "listChannels FAILED_PRECONDITION"],
    ["satoshigle.internal.v1.ChannelService", OPEN, "openChannel FAILED_PRECONDITION"],
    ["satoshigle.internal.v1.ChannelService", { ...COMMAND, terms: { channelId: CHANNEL } }, "closeChannel LND_URL"],
    [
      "satoshigle.internal.v1.ChannelService",
      { ...COMMAND, terms: { channelId: CHANNEL, fees: {} } },
      "setChannelFees FAILED_PRECONDITION",
    ],
    ["satoshigle.internal.v1.ChannelService", {}, "getPolicy FAILED_PRECONDITION"],
    ["satoshigle.internal.v1.ChannelService", { policy: {} }, "setPolicy FAILED_PRECONDITION"],
    ["satoshigle.internal.v1.ChannelService", {}, "listCommands FAILED_PRECONDITION"],
  ],
  DepositReviewService: [
    ["satoshigle.internal.v1.DepositReviewService", {}, "listDeposits FAILED_PRECONDITION"],
    ["satoshigle.internal.v1.DepositReviewService", { depositId: KEY }, "forfeitDeposit FAILED_PRECONDITION"],
    ["satoshigle.internal.v1.DepositReviewService", { depositId: KEY }, "releaseDeposit FAILED_PRECONDITION"],
  ],
  Health: [["grpc.health.v1.Health", {}, "check"]],
  draining: [
    ["satoshigle.internal.v1.MonitoringService", {}, "drainInstance"],
    ["satoshigle.internal.v1.MonitoringService", {}, "resumeInstance"],
  ],
};
const calls = Object.values(unary).flat();

describe.each(["h2c", "mutual TLS"])("grpc-js over %s", (way) => {
  let certificate: Certificate;
  let server: TestServer;
  const clients: GrpcClient[] = [];
  beforeAll(async () => {
    certificate = await makeCertificate();
    const { certFile, keyFile } = certificate;
    const files = { INTERNAL_TLS_CERT_FILE: certFile, INTERNAL_TLS_KEY_FILE: keyFile, INTERNAL_TLS_CA_FILE: certFile };
    server = await startServer({ ...roomy, LIGHTNING_NETWORK: "regtest", ...(way === "h2c" ? {} : files) });
  });
  afterAll(async () => {
    clients.forEach((client) => client.close());
    await server.close();
    await rm(certificate.folder, { recursive: true });
  });

  const clientOf = (service: ServiceName) => {
    const { ca, key } = certificate;
    const client = new GrpcClient(service, server.internalUrl, way === "h2c" ? undefined : { ca, cert: ca, key });
    clients.push(client);
    return client;
  };

  it("follows every stream", async () => {
    const { offerer, matchId } = await pair(transportTo(server.url));
    await offerer.tips.offer({ tipId: randomUUID(), matchId, amountMsat: 1_000n });
    await offerer.report({ matchId, reason: ReportReason.SPAM });
    const first = (service: ServiceName, method: string) => clientOf(service).take(method, {}, 1);
    expect(await first("satoshigle.internal.v1.PaymentService", "watchTips")).toMatchObject([{ tip: { matchId } }]);
    expect(await first("satoshigle.internal.v1.ModerationService", "watchReports")).toMatchObject([
      { report: { matchId } },
    ]);
    expect(await first("satoshigle.internal.v1.ModerationService", "watchCases")).toMatchObject([
      { record: { reason: "spam" } },
    ]);
    expect(await first("satoshigle.internal.v1.MonitoringService", "watchStats")).toHaveLength(1);
    expect(await first("grpc.health.v1.Health", "watch")).toMatchObject([{ status: "SERVING" }]);
  });

  it.each(calls)("calls %s with %j: %s", async (service, request, end) => {
    const [method = "", code] = end.split(" ");
    const call = clientOf(service).call(method, request);
    if (code === undefined) await call;
    else await expect(call).rejects.toThrow(code);
  });

  it("covers every call", () => {
    const streams = [
      "watchStats",
      "watchReports",
      "watchCases",
      "watchTips",
      "watchChannels",
      "getEvidence",
      "exportStatements",
    ];
    const tried = [...calls.map(([, , end]) => end.split(" ")[0]), ...streams, "check"];
    const services = [
      MonitoringService,
      ModerationService,
      ActionService,
      PeopleService,
      PaymentService,
      ChannelService,
      DepositReviewService,
      TransparencyService,
    ];
    const all = services.flatMap(({ methods }) => methods);
    expect(all.map(({ localName }) => localName).filter((name) => !tried.includes(name))).toEqual([]);
  });
});

import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { Health } from "../../gen/health/v1/health_pb.js";
import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ActionService } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { AdminService } from "../../gen/satoshigle/internal/v1/admin_pb.js";
import { ChannelService } from "../../gen/satoshigle/internal/v1/channel_pb.js";
import { DepositReviewService } from "../../gen/satoshigle/internal/v1/deposit_pb.js";
import { EventService } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { OperatorRole, OperatorService } from "../../gen/satoshigle/internal/v1/operator_pb.js";
import { PaymentService } from "../../gen/satoshigle/internal/v1/payment_pb.js";
import { PeopleService } from "../../gen/satoshigle/internal/v1/people_pb.js";
import { TransparencyService } from "../../gen/satoshigle/internal/v1/transparency_pb.js";
import { rowFor } from "../../src/rpc/admission/roles.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";

const services = [
  ...[ActionService, AdminService, EventService, ModerationService, MonitoringService, OperatorService],
  ...[ChannelService, DepositReviewService, PaymentService, PeopleService],
  ...[TransparencyService, Health, ServerReflection],
];
const methods = services.flatMap(({ methods: all }) => all);
const as = (name: string, role: string) => ({ headers: { "x-forwarded-user": name, "x-satoshigle-role": role } });

it.each(methods.map(({ parent, name }) => [parent.typeName, name]))("%s/%s has a role", (service, method) => {
  expect(rowFor(service, method)).toBeDefined();
});

describe("without a source of operators", () => {
  let server: TestServer;
  let operators: Client<typeof OperatorService>;
  beforeAll(async () => {
    server = await startServer();
    operators = createClient(OperatorService, transportTo(server));
  });
  afterAll(() => server.close());

  it("everybody is an admin, who may name itself, and a role that is claimed changes nothing", async () => {
    expect(await operators.getOperator({})).toMatchObject({ name: "", role: OperatorRole.ADMIN, namesItself: true });
    const headers = { "x-satoshigle-moderator": "ann", "x-forwarded-user": "eve", "x-satoshigle-role": "viewer" };
    expect(await operators.getOperator({}, { headers })).toMatchObject({ name: "ann", role: OperatorRole.ADMIN });
  });

  it.each(["cross-site", "same-site"])(
    "posts of a browser that are %s are refused, also without an origin",
    async (site) => {
      for (const path of [`${OperatorService.typeName}/GetOperator`, `${MonitoringService.typeName}/DrainInstance`]) {
        const headers = { "content-type": "application/json", "sec-fetch-site": site };
        const answer = await fetch(`${server.internalUrl}/${path}`, { method: "POST", headers, body: "{}" });
        expect(answer.status).toBe(403);
        expect(await answer.json()).toMatchObject({ code: "permission_denied" });
      }
    },
  );

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "a form's post of the type %s is refused",
    async (type) => {
      const url = `${server.internalUrl}/${MonitoringService.typeName}/DrainInstance`;
      const answer = await fetch(url, { method: "POST", headers: { "content-type": type }, body: "{}" });
      expect(answer.status).toBe(415);
    },
  );
});

describe("with an authenticating proxy", () => {
  let server: TestServer;
  let desk: Client<typeof ModerationService>;
  let operators: Client<typeof OperatorService>;
  let people: Client<typeof PeopleService>;
  beforeAll(async () => {
    server = await startServer({ OPERATORS_PROXY: "127.0.0.1" });
    const transport = transportTo(server);
    desk = createClient(ModerationService, transport);
    operators = createClient(OperatorService, transport);
    people = createClient(PeopleService, transport);
  });
  afterAll(() => server.close());

  it("knows the name and the role of an operator, who cannot name itself", async () => {
    const { headers } = as("ann", "moderator");
    const answer = await operators.getOperator({}, { headers: { ...headers, "x-satoshigle-moderator": "eve" } });
    expect(answer).toMatchObject({ name: "ann", role: OperatorRole.MODERATOR, namesItself: false });
  });

  it.each([
    ["viewer", () => desk.unban({ subject: "ann" }, as("vic", "viewer")), "moderator"],
    ["moderator", () => people.forget({ subject: "ann" }, as("mo", "moderator")), "admin"],
  ])("a %s is told which role is needed", async (_role, call, needed) => {
    expect(await refusalOf(call())).toMatchObject({
      code: "PermissionDenied",
      reason: "ROLE_REQUIRED",
      problem: needed,
    });
  });

  it("each role may do what the ones before it may", async () => {
    await desk.listCases({}, as("vic", "viewer"));
    await desk.unban({ subject: "ann" }, as("mo", "moderator"));
    await people.forget({ subject: "ann" }, as("ada", "admin"));
    await desk.listCases({}, as("ada", "admin"));
  });

  it.each([
    ["no name", {}, "MODERATOR_REQUIRED"],
    ["no role", { "x-forwarded-user": "ann" }, "OPERATOR_REFUSED"],
    ["another role", as("ann", "root").headers, "OPERATOR_REFUSED"],
    ["two roles", as("ann", "viewer, admin").headers, "OPERATOR_REFUSED"],
    ["a name with a comma", as("ann, bob", "admin").headers, "FIELD_INVALID"],
  ])("%s is refused", async (_what, headers, reason) => {
    expect(await refusalOf(desk.listCases({}, { headers }))).toMatchObject({ reason });
  });

  it("load balancers check the health without a name", async () => {
    await createClient(Health, transportTo(server)).check({});
  });
});

describe("past an authenticating proxy", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ OPERATORS_PROXY: "192.0.2.1" });
  });
  afterAll(() => server.close());

  it("headers that claim a role are refused, and so is a request without them", async () => {
    const desk = createClient(ModerationService, transportTo(server));
    for (const options of [as("eve", "admin"), {}]) {
      expect(await refusalOf(desk.listCases({}, options))).toMatchObject({
        ...{ code: "PermissionDenied", reason: "OPERATOR_REFUSED" },
      });
    }
  });
});

function transportTo({ internalUrl }: TestServer) {
  return createConnectTransport({ baseUrl: internalUrl, httpVersion: "1.1" });
}

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { startServer, type TestServer } from "../support/server.js";
import { bashBlocks, paste } from "../support/shell.js";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { GrpcClient } from "../support/grpc.js";
import { invoiced } from "./support/tips.js";

/** The report that the documentation resolves. */
const DOCUMENTED_REPORT = "1795427945886000";
/** The action that the documentation lifts. */
const DOCUMENTED_ACTION = "Zr8lxq98xMeGjLjxqAqRpw";

let server: TestServer;
let reportId: string;
beforeAll(async () => {
  server = await startServer({ ...roomy, LIGHTNING_NETWORK: "regtest", IDENTITY_SECRET: appSecret });
  const { offerer, matchId } = await pair(transportTo(server.url));
  await offerer.report({ matchId, reason: ReportReason.SPAM, comment: "sells something" });
  const { payer, tipId, preimage } = await invoiced(server);
  await payer.tips.confirm({ tipId, preimage });
  const moderation = new GrpcClient("satoshigle.internal.v1.ModerationService", server.internalUrl);
  const { reports } = (await moderation.call("listReports", {})) as { reports: { reportId: string }[] };
  reportId = reports[0]?.reportId ?? "";
  moderation.close();
});
afterAll(() => server.close());

// Only in zsh, the stricter of the two shells, as each command takes a second.
describe("the commands for operators run as written", () => {
  const run = async (page: string, heading?: string, [documented, real] = [DOCUMENTED_REPORT, reportId]) => {
    const commands = (await bashBlocks(page, heading))
      .replaceAll(/http:\/\/(127\.0\.0\.1|localhost):3002/g, server.internalUrl)
      .replaceAll(documented, real)
      .replace(/^timeout (.*\\\n)*.*$/gm, (stream) => `${stream} || test $? -eq 124`); // streams are ended by timeout
    return paste("zsh", commands);
  };

  it("for moderation", async () => {
    const output = await run("docs/moderation.md");
    expect(output).toContain("sells something");
    expect(output).toContain('"wasBanned": true');
    expect(output).toContain('"resolution": "banned for a week"');
  });

  it("for people", async () => {
    const identity = { identityToken: await identityToken({ sub: "user-1207" }) };
    const person = await TestClient.open(transportTo(server.url), identity);
    const people = new GrpcClient("satoshigle.internal.v1.PeopleService", server.internalUrl);
    await expect.poll(() => people.call("listPeople", {})).toMatchObject({ people: [{ subject: "user-1207" }] });
    people.close();
    const output = await run("docs/people.md");
    expect(output).toContain('"subject": "user-1207"');
    expect(output).toContain('"wasStored": true');
    expect((await person.until("sessionClosed")).reason).toBe(SessionClosed_Reason.REMOVED);
  });

  it("for actions", async () => {
    const actions = new GrpcClient("satoshigle.internal.v1.ActionService", server.internalUrl);
    const request = { subject: "someone", kind: "ACTION_KIND_WARN", duration: { seconds: 60 } };
    const { action } = (await actions.call("takeAction", request)) as { action: { actionId: string } };
    actions.close();
    const output = await run("docs/actions.md", undefined, [DOCUMENTED_ACTION, action.actionId]);
    expect(output.split('"statement": "Your camera is off for a day."').length - 1).toBe(2); // taken and listed
    expect(output).toContain('"wasInForce": true');
  });

  it("for payments", async () => {
    const output = await run("docs/payments.md");
    expect(output.split("well said").length - 1).toBeGreaterThanOrEqual(2); // listed and streamed
  });

  it("for monitoring", async () => {
    const output = await run("docs/operations.md", "## Monitoring");
    expect(output).toContain("satoshigle.internal.v1.MonitoringService/WatchStats");
    expect(output.split('"instanceCount": 1').length - 1).toBeGreaterThanOrEqual(2);
  });
});

it("the commands that drain an instance and resume it run as written", async () => {
  const drained = await startServer();
  const commands = (await bashBlocks("docs/operations.md", "## Deploy")).replaceAll(
    "http://localhost:3002",
    drained.internalUrl,
  );
  const output = await paste("zsh", commands);
  expect(output.match(/^\{\}/gm)).toHaveLength(2);
  expect((await fetch(`${drained.url}/readyz`)).status).toBe(200);
  await drained.close();
});

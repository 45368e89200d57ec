import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { pair, roomy, uniqueInterest } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { open } from "./support/identity-tokens.js";
import { behindProxy, meet, talk, transportFrom } from "./support/networks.js";

describe("a person", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ ...roomy, IDENTITY_SECRET: appSecret });
  });
  afterAll(() => server.close());

  it("is shown to its partner", async () => {
    const profile = { name: "Ann", picture_url: "https://example.com/ann.png", badges: ["verified"] };
    const ann = await open(server, await identityToken({ sub: "ann", profile }));
    const bob = await open(server);
    const preferences = { interests: [uniqueInterest()] };
    await ann.match({ preferences });
    await bob.match({ preferences });
    expect((await bob.until("matched")).partnerProfile).toMatchObject({
      name: "Ann",
      pictureUrl: "https://example.com/ann.png",
      badges: ["verified"],
    });
    expect((await ann.until("matched")).partnerProfile).toBeUndefined();
  });

  it("has one session: a further one closes it", async () => {
    const token = await identityToken({ sub: "ben" });
    const first = await open(server, token);
    await open(server, token);
    const closed = await first.until("sessionClosed");
    expect(closed).toMatchObject({ reason: SessionClosed_Reason.SUPERSEDED, shouldReconnect: false });
    expect(await refusalOf(first.match())).toMatchObject({ reason: "SESSION_UNKNOWN" });
  });

  it("resumes its session with and without the token, and nobody else resumes it", async () => {
    const carl = await open(server, await identityToken({ sub: "carl" }));
    await carl.match({ preferences: { interests: [uniqueInterest()] } });
    await carl.until("waiting");
    await carl.break();
    const again = await open(server, undefined, carl.resume);
    expect(again.welcome.sessionId).toBe(carl.welcome.sessionId);
    expect(again.welcome.token).toBe(carl.welcome.token);
    const third = await open(server, await identityToken({ sub: "carl" }), again.resume);
    expect(third.welcome.sessionId).toBe(carl.welcome.sessionId);
    const other = open(server, await identityToken({ sub: "dora" }), third.resume);
    expect(await refusalOf(other)).toMatchObject({ reason: "IDENTITY_REFUSED", problem: "other_person" });
    const anonymous = await open(server);
    const login = open(server, await identityToken({ sub: "carl" }), anonymous.resume);
    expect(await refusalOf(login)).toMatchObject({ reason: "IDENTITY_REFUSED", problem: "other_person" });
  });

  it("is banned after reports alone, not its network", async () => {
    const strict = await startServer({ ...roomy, IDENTITY_SECRET: appSecret, BAN_AFTER_REPORTS: "1", ...behindProxy });
    const enter = async (address: string, claims?: object) =>
      TestClient.open(transportFrom(strict, address), claims && { identityToken: await identityToken({ ...claims }) });
    const [eve, ann] = [await enter("192.0.2.1", { sub: "eve" }), await enter("198.51.100.1")];
    const meeting = await meet(ann, eve);
    await talk(meeting);
    await ann.report({ matchId: meeting.matchId, reason: ReportReason.SPAM });
    expect((await eve.until("sessionClosed")).reason).toBe(SessionClosed_Reason.BANNED);
    const again = enter("203.0.113.1", { sub: "eve" });
    expect(await refusalOf(again)).toMatchObject({
      code: "PermissionDenied",
      reason: "BANNED",
      message: expect.stringMatching(/^you are banned/) as string,
    });
    await enter("192.0.2.1"); // a neighbour
    await strict.close();
  });
});

describe("IDENTITY_REQUIRED", () => {
  it("refuses anonymous sessions", async () => {
    const server = await startServer({ ...roomy, IDENTITY_SECRET: appSecret, IDENTITY_REQUIRED: "true" });
    const refusal = await refusalOf(open(server));
    expect(refusal).toMatchObject({ code: "Unauthenticated", reason: "IDENTITY_REQUIRED" });
    const ann = await open(server, await identityToken({ sub: "ann" }));
    await open(server, undefined, ann.resume);
    await server.close();
  });

  it("is not needed by a server for anonymous people, which refuses tokens", async () => {
    const server = await startServer(roomy);
    const refusal = await refusalOf(open(server, await identityToken({ sub: "ann" })));
    expect(refusal).toMatchObject({ reason: "IDENTITY_REFUSED", problem: "not_configured" });
    await pair(transportTo(server.url));
    await server.close();
  });
});

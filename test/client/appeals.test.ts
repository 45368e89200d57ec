import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { appeal, banOf } from "../../src/client/appeals/index.js";
import { closedError, toSatoshigleError } from "../../src/client/connection/error-mapping.js";
import { SatoshigleError } from "../../src/client/errors.js";
import { SessionClosed_Reason } from "../../src/client/gen/satoshigle/v1/event_pb.js";
import { aDay, deskOf, keyOfDevice, newDevice, variables } from "../rpc/support/appeals.js";
import { startServer, type TestServer } from "../support/server.js";

const metadata = {
  ...{ ban_id: "b".repeat(16), scope: "browser", expire_time: "2030-05-17T08:30:00Z" },
  ...{ ban_reason: "spam", appeal: "upheld", appeal_answer: "no" },
};
const refusal = (reason: string, details: Record<string, string>, code = Code.PermissionDenied) =>
  new ConnectError("no", code, undefined, [{ desc: ErrorInfoSchema, value: { reason, metadata: details } }]);
const banned = (details: Record<string, string>) => banOf(toSatoshigleError(refusal("BANNED", details)));

describe("the ban of an error", () => {
  it("is what the server said", () => {
    expect(banned(metadata)).toEqual({
      ...{ banId: metadata.ban_id, scope: "browser", reason: "spam", untilMs: Date.UTC(2030, 4, 17, 8, 30) },
      ...{ appeal: "upheld", answer: "no" },
    });
  });

  it("has no reason and no answer if the server has none", () => {
    const { ban_id, expire_time } = metadata;
    const ban = banned({ ban_id, scope: "network", expire_time, appeal: "none" });
    expect(ban).toMatchObject({ scope: "network", reason: undefined, appeal: "none", answer: undefined });
  });

  it("is unknown if the error does not describe it, or is another one", () => {
    expect(banOf(closedError(SessionClosed_Reason.BANNED))).toBeUndefined();
    expect(banned({ expire_time: metadata.expire_time })).toBeUndefined();
    expect(banned({ ...metadata, scope: "planet" })).toBeUndefined();
    expect(banOf(new SatoshigleError("internal", "", { cause: refusal("BANNED", metadata) }))).toBeUndefined();
    expect(banOf(new Error("banned"))).toBeUndefined();
  });
});

describe("an appeal", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(variables);
  });
  afterAll(() => server.close());

  it.each(["", " \n", "x".repeat(1_001)])("is not sent without 1 to 1,000 characters", async (text) => {
    await expect(appeal("http://127.0.0.1:1", { banId: "b" }, text)).rejects.toMatchObject({
      ...{ code: "invalid", field: "text" },
    });
  });

  it("is made once, by the browser that is banned", async () => {
    const [deviceKey, desk] = [newDevice(), deskOf(server)];
    const { ban } = await desk.ban({ addressKey: keyOfDevice(deviceKey), ...aDay });
    const { banId = "" } = ban ?? {};
    const of = (key: string, text: string) => appeal(`${server.url}/`, { banId }, text, { deviceKey: key });
    await expect(of(newDevice(), "not mine")).rejects.toMatchObject({ code: "ban_over" });
    await of(deviceKey, "😀".repeat(1_000));
    await expect(of(deviceKey, "again")).rejects.toMatchObject({ code: "appeal_exists" });
    const { bans } = await desk.listAppeals({});
    expect(bans.map(({ appeal: made }) => made?.text)).toEqual(["😀".repeat(1_000)]);
  });

  it("says that the server cannot be reached", async () => {
    const refused = appeal("http://127.0.0.1:1", { banId: metadata.ban_id }, "please");
    await expect(refused).rejects.toMatchObject({ code: "server_unreachable" });
  });
});

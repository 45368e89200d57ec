import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendH1 } from "../support/wire.js";
import { Target } from "./support/target.js";

describe("forged headers of an operator", () => {
  const call = "/satoshigle.internal.v1.ModerationService/Unban";
  const body = [Buffer.from('{"subject": "ann"}')];
  const json = { "content-type": "application/json" };

  let guarded: Target;
  let proxied: Target;
  beforeAll(async () => {
    guarded = await Target.start({ OPERATORS_PROXY: "192.0.2.1" });
    proxied = await Target.start({ OPERATORS_PROXY: "127.0.0.1" });
  });
  afterAll(async () => {
    await guarded.close();
    await proxied.close();
  });

  it.each([
    ["in capitals", { "X-Forwarded-User": "eve", "X-SATOSHIGLE-ROLE": "admin" }],
    ["with underscores", { x_forwarded_user: "eve", x_satoshigle_role: "admin" }],
    [
      "with the addresses of the proxy",
      { "x-forwarded-for": "192.0.2.1", "x-real-ip": "192.0.2.1", forwarded: "for=192.0.2.1" },
    ],
    ["of a moderator", { "x-satoshigle-moderator": "eve", "x-satoshigle-role": "admin" }],
    ["in a list", { "x-forwarded-user": "ann, eve", "x-satoshigle-role": "viewer, admin" }],
  ])("are refused from elsewhere than the proxy, %s", async (_how, headers) => {
    const names = { "x-forwarded-user": "eve", "x-satoshigle-role": "admin", ...headers };
    for (const some of [headers, names]) {
      const { status, text } = await sendH1(guarded.internalPort, call, { ...json, ...some }, body);
      expect([status, text]).toEqual([403, expect.stringContaining("OPERATOR_REFUSED")]);
    }
  });

  it("lift nobody to a higher role that the proxy passed on beside its own", async () => {
    const vic = { "x-forwarded-user": "vic", "x-satoshigle-role": "viewer" };
    for (const forged of [
      { x_satoshigle_role: "admin" },
      { "x-satoshigle-role": "viewer, admin" },
      { "x-satoshigle-role": "Admin" },
      { "x-satoshigle-moderator": "ada", "x-forwarded-role": "admin" },
    ]) {
      const { status } = await sendH1(proxied.internalPort, call, { ...json, ...vic, ...forged }, body);
      expect(status, JSON.stringify(forged)).toBe(403);
    }
    const moderator = { "x-forwarded-user": "mo", "x-satoshigle-role": "moderator" };
    expect((await sendH1(proxied.internalPort, call, { ...json, ...moderator }, body)).status).toBe(200);
  });
});

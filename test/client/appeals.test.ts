import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, vi } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { appeal, banOf } from "../../src/client/appeals/index.js";
import { closedError, toSatoshigleError } from "../../src/client/connection/error-mapping.js";
import { SatoshigleError } from "../../src/client/errors.js";
import { SessionClosed_Reason } from "../../src/client/gen/satoshigle/v1/event_pb.js";

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
  /** Answers the call with an error, or none. */
  function answering(code?: string, reason = "", details: Record<string, string> = {}) {
    const bytes = refusal(reason, details).details.map((detail) => detail as { desc: unknown; value: unknown });
    expect(bytes).toHaveLength(1);
    return code;
  }

  it.each(["", " \n", "x".repeat(1_001)])("is not sent without 1 to 1,000 characters", async (text) => {
    const fetched = vi.spyOn(globalThis, "fetch");
    await expect(appeal("http://127.0.0.1:1", { banId: "b" }, text)).rejects.toMatchObject({
      ...{ code: "invalid", field: "text" },
    });
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
    answering();
  });
});

import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { isLimit, isTransient, toSatoshigleError } from "../../src/client/connection/error-mapping.js";

it("passes on the server's message, the retry delay and the cause", () => {
  const error = new ConnectError("too many calls", Code.ResourceExhausted, undefined, [
    { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(1_500) } },
  ]);
  const fault = toSatoshigleError(error);
  expect(fault).toMatchObject({ code: "limit_reached", message: "too many calls", retryAfterMs: 1_500, cause: error });
});

it("tells a full server and a full network from a rate limit, and retries all of them", () => {
  const refusal = (metadata: Record<string, string>) =>
    new ConnectError("no", Code.ResourceExhausted, undefined, [
      { desc: ErrorInfoSchema, value: { reason: "LIMIT_REACHED", metadata } },
    ]);
  const refusals = [refusal({}), refusal({ problem: "overload" }), refusal({ problem: "network" })];
  expect(refusals.map((error) => toSatoshigleError(error).code)).toEqual([
    "limit_reached",
    "overloaded",
    "network_full",
  ]);
  expect(refusals.map(isLimit)).toEqual([true, true, true]);
});

it("names the invalid field", () => {
  const value = { reason: "FIELD_INVALID", metadata: { field: "signals[0].description.sdp" } };
  const error = new ConnectError("no SDP", Code.InvalidArgument, undefined, [{ desc: ErrorInfoSchema, value }]);
  expect(toSatoshigleError(error)).toMatchObject({ code: "invalid", field: "signals[0].description.sdp" });
});

it("names the preference to change when there is no relay", () => {
  const value = { reason: "RELAY_UNAVAILABLE", metadata: { field: "preferences.relay_only" } };
  const error = new ConnectError("no relay", Code.FailedPrecondition, undefined, [{ desc: ErrorInfoSchema, value }]);
  expect(toSatoshigleError(error)).toMatchObject({ code: "invalid", field: "preferences.relay_only" });
});

it("says that a deposit is needed", () => {
  const value = { reason: "DEPOSIT_REQUIRED" };
  const error = new ConnectError("pay", Code.FailedPrecondition, undefined, [{ desc: ErrorInfoSchema, value }]);
  expect(toSatoshigleError(error)).toMatchObject({ code: "deposit_required", message: "pay" });
});

it("recognizes a dead network, whatever the browser calls it", () => {
  const error = ConnectError.from(new TypeError("NetworkError when attempting to fetch resource."));
  expect(toSatoshigleError(error)).toMatchObject({
    code: "server_unreachable",
    message: "The server is unreachable.",
  });
  expect(isTransient(error)).toBe(true);
});

it("does not consider an internal error transient", () => {
  expect(isTransient(new ConnectError("internal error", Code.Internal))).toBe(false);
});

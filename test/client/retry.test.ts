import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, expect, it, vi } from "vitest";
import { retry, retryTransient, type SessionLink } from "../../src/client/connection/retry.js";
import { away, limitReached, pass, sessionOver, settle } from "./scripted-server.js";
import { outcome, useFakeClock } from "./client-harness.js";

useFakeClock();

let link: SessionLink;
let reopened: number;
beforeEach(() => {
  reopened = 0;
  link = { online: () => Promise.resolve(), reopen: () => reopened++, check: () => undefined };
});

it("resolves with the result of the first call that succeeds", async () => {
  const call = vi.fn().mockRejectedValueOnce(away()).mockResolvedValueOnce("result");
  const result = retry<string>(call, { decide: retryTransient });
  await pass(249);
  expect(call).toHaveBeenCalledTimes(1);
  await pass(1);
  expect(await result).toBe("result");
});

it("waits longer after each failure, and as long as the server asks", async () => {
  const call = vi
    .fn()
    .mockRejectedValueOnce(away())
    .mockRejectedValueOnce(away())
    .mockRejectedValueOnce(limitReached(5_000))
    .mockResolvedValueOnce(undefined);
  const done = retry(call, { decide: () => "retry" });
  await pass(250);
  await pass(399);
  expect(call).toHaveBeenCalledTimes(2);
  await pass(1);
  await pass(4_999);
  expect(call).toHaveBeenCalledTimes(3);
  await pass(1);
  await done;
  expect(call).toHaveBeenCalledTimes(4);
});

it("rejects when the decision is to fail", async () => {
  const call = vi.fn().mockRejectedValue(new ConnectError("no SDP", Code.InvalidArgument));
  expect(await outcome(retry(call, { decide: retryTransient }).then(() => undefined))).toBe("invalid");
  expect(call).toHaveBeenCalledTimes(1);
});

it("calls only while the link is online", async () => {
  let open = (): void => undefined;
  link.online = () => new Promise((resolve) => (open = resolve));
  const call = vi.fn().mockResolvedValue(undefined);
  const done = retry(call, { link, decide: retryTransient });
  await settle();
  expect(call).not.toHaveBeenCalled();
  open();
  await done;
  expect(call).toHaveBeenCalledTimes(1);
});

it("reopens the link when the session is over, and calls again at once on request", async () => {
  const call = vi.fn().mockRejectedValueOnce(sessionOver()).mockResolvedValueOnce(undefined);
  await retry(call, { link, decide: () => "retry now" });
  expect([call.mock.calls.length, reopened]).toEqual([2, 1]);
});

it("stops waiting for the link on abort", async () => {
  link.online = () => new Promise(() => undefined);
  const abort = new AbortController();
  const call = vi.fn().mockResolvedValue(undefined);
  const done = retry(call, { link, signal: abort.signal, decide: retryTransient });
  const reason = new Error("closed");
  abort.abort(reason);
  await expect(done).rejects.toBe(reason);
  expect(call).not.toHaveBeenCalled();
});

it("makes a last call without a link on abort", async () => {
  const abort = new AbortController();
  const call = vi.fn().mockRejectedValue(away());
  const done = retry(call, { signal: abort.signal, decide: retryTransient });
  await settle();
  const reason = new Error("closed");
  abort.abort(reason);
  await expect(done).rejects.toBe(reason);
  expect(call).toHaveBeenCalledTimes(2);
});

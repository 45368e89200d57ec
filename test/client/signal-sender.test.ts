import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, expect, it } from "vitest";
import { ErrorInfoSchema } from "../../src/client/gen/google/rpc/error_details_pb.js";
import { Description_Type, SignalSchema, type Signal } from "../../src/client/gen/satoshigle/v1/signal_pb.js";
import { createApi } from "../../src/client/connection/api.js";
import { SignalSender } from "../../src/client/call/signal-sender.js";
import { away, limitReached, pass, ScriptedServer, settle } from "./scripted-server.js";
import { useFakeClock } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
let reopened: number;
beforeEach(() => {
  server = new ScriptedServer();
  reopened = 0;
});

function createSender(more: { taken?: number; maxSignals?: number; maxBytes?: number } = {}): SignalSender {
  const link = { online: () => Promise.resolve(), reopen: () => reopened++, check: () => undefined };
  const limits = { maxSignals: more.maxSignals ?? 64, maxBytes: more.maxBytes ?? 32_768 };
  return new SignalSender(
    "m1",
    more.taken ?? 0,
    createApi({ transport: server.transport, currentToken: () => "secret" }),
    link,
    limits,
  );
}

const offer = (sdp = "v=0"): Signal =>
  create(SignalSchema, { kind: { case: "description", value: { type: Description_Type.OFFER, sdp } } });
const candidate = (text: string): Signal =>
  create(SignalSchema, { kind: { case: "candidate", value: { candidate: text } } });

/** The received calls, as `number: signals`. */
const arrived = () =>
  server.sends.map(({ clientSequence, signals }) => {
    const texts = signals.map(({ kind }) => (kind.case === "candidate" ? kind.value.candidate : kind.case));
    return `${String(clientSequence)}: ${texts.join(" ")}`;
  });

/** Keeps calls open until the test answers them. */
function holdCalls(): ((error?: Error) => Promise<void>)[] {
  const answers: ((error?: Error) => Promise<void>)[] = [];
  server.onCall = () =>
    new Promise((resolve, reject) => {
      answers.push((error) => {
        if (error) reject(error);
        else resolve();
        return settle();
      });
    });
  return answers;
}

it("sends a description at once, with the queued candidates", async () => {
  const sender = createSender();
  sender.send(offer());
  sender.send(candidate("a"));
  await pass(1);
  expect(arrived()).toEqual(["1: description a"]);
});

it("collects candidates", async () => {
  const sender = createSender();
  sender.send(candidate("a"));
  await pass(10);
  sender.send(candidate("b"));
  await pass(9);
  expect(arrived()).toEqual([]);
  await pass(1);
  expect(arrived()).toEqual(["1: a b"]);
});

/** The error for a call that arrived before an earlier one. */
function gap(): ConnectError {
  const error = new ConnectError("client_sequence: must be 1, the next one", Code.FailedPrecondition);
  error.details.push({ desc: ErrorInfoSchema, value: { reason: "SEQUENCE_GAP" } });
  return error;
}

it("does not wait for the answer to an earlier call, up to three calls at a time", async () => {
  const answers = holdCalls();
  const sender = createSender();
  sender.send(offer());
  await pass(1);
  for (const text of ["a", "b", "c"]) {
    sender.send(candidate(text));
    await pass(20);
  }
  sender.send(candidate("d"));
  await pass(20);
  expect(arrived()).toEqual(["1: description", "2: a", "3: b"]);
  await answers[0]?.();
  expect(arrived()).toEqual(["1: description", "2: a", "3: b", "4: c d"]);
});

it("repeats a call whose answer was lost, with the same number and content", async () => {
  const answers = holdCalls();
  const sender = createSender();
  sender.send(offer());
  await pass(1);
  sender.send(candidate("a"));
  await answers[0]?.(away());
  await pass(250);
  expect(arrived()).toEqual(["1: description", "2: a", "1: description"]);
});

it("repeats a call that overtook an earlier one, once that one was accepted", async () => {
  const answers = holdCalls();
  const sender = createSender();
  sender.send(offer());
  await pass(1);
  sender.send(candidate("a"));
  await pass(20);
  await answers[1]?.(gap());
  await pass(5_000);
  expect(arrived()).toEqual(["1: description", "2: a"]);
  await answers[0]?.();
  expect(arrived()).toEqual(["1: description", "2: a", "2: a"]);
});

it("repeats a call that overtook an earlier one, if its refusal arrives last", async () => {
  const answers = holdCalls();
  const sender = createSender();
  sender.send(offer());
  await pass(1);
  sender.send(candidate("a"));
  await pass(20);
  await answers[0]?.();
  await answers[1]?.(gap());
  expect(arrived()).toEqual(["1: description", "2: a", "2: a"]);
});

it("does not repeat a call whose answer was lost when a later one was accepted", async () => {
  const answers = holdCalls();
  const sender = createSender();
  sender.send(offer());
  await pass(1);
  sender.send(candidate("a"));
  await pass(20);
  await answers[1]?.();
  await answers[0]?.(away());
  await pass(10_000);
  expect(arrived()).toEqual(["1: description", "2: a"]);
});

it("gives the number of a refused call to the one after it, when that one has been answered", async () => {
  const answers = holdCalls();
  const sender = createSender();
  sender.send(candidate("odd"));
  await pass(20);
  sender.send(candidate("a"));
  await pass(20);
  await answers[0]?.(new ConnectError("signals[0]", Code.InvalidArgument));
  await pass(1_000);
  expect(arrived()).toEqual(["1: odd", "2: a"]);
  await answers[1]?.(gap());
  expect(arrived()).toEqual(["1: odd", "2: a", "1: a"]);
});

it("stops when the server misses a number that it had acknowledged", async () => {
  server.onCall = () => {
    throw gap();
  };
  createSender({ taken: 4 }).send(offer());
  await pass(60_000);
  expect(arrived()).toEqual(["5: description"]);
});

it("waits as long as a limit requires", async () => {
  let limited = true;
  server.onCall = () => {
    if (limited) throw limitReached(5_000);
  };
  createSender().send(offer());
  await pass(4_999);
  limited = false;
  expect(arrived()).toHaveLength(1);
  await pass(5);
  expect(arrived()).toEqual(["1: description", "1: description"]);
});

it("continues the numbers of the previous page", async () => {
  createSender({ taken: 4 }).send(offer());
  await pass(1);
  expect(arrived()).toEqual(["5: description"]);
});

it("stops when the match is over", async () => {
  server.onCall = () => {
    throw new ConnectError("this match is over", Code.FailedPrecondition);
  };
  const sender = createSender();
  sender.send(offer());
  await pass(1);
  sender.send(candidate("a"));
  await pass(60_000);
  expect(arrived()).toHaveLength(1);
});

it("keeps the description when a candidate with it is refused", async () => {
  server.onCall = () => {
    if ((server.sends.at(-1)?.signals.length ?? 0) > 1) throw new ConnectError("signals[1]", Code.InvalidArgument);
  };
  const sender = createSender();
  sender.send(offer());
  sender.send(candidate("odd"));
  await pass(1);
  sender.send(candidate("a"));
  await pass(20);
  expect(arrived()).toEqual(["1: description odd", "1: description", "2: a"]);
});

it("sends no more signals at once than the server accepts", async () => {
  const sender = createSender({ maxSignals: 2 });
  sender.send(candidate("a"), candidate("b"), candidate("c"));
  await pass(20);
  expect(arrived()).toEqual(["1: a b", "2: c"]);
});

it("sends no larger message than the server accepts", async () => {
  const sender = createSender({ maxBytes: 3_000 });
  sender.send(...["a", "b", "c"].map((letter) => candidate(letter.repeat(1_000))));
  await pass(20);
  expect(server.sends.map((send) => send.signals.length)).toEqual([2, 1]);
});

it("reopens the session when it is over, and retries", async () => {
  let over = true;
  server.onCall = () => {
    if (over) throw new ConnectError("session over", Code.Unauthenticated);
  };
  createSender().send(offer());
  await pass(1);
  expect(reopened).toBe(1);
  over = false;
  await pass(250);
  expect(arrived()).toEqual(["1: description", "1: description"]);
});

it("renumbers when the server lost what it had acknowledged", async () => {
  const answers = holdCalls();
  const sender = createSender();
  sender.send(offer());
  await pass(1);
  await answers[0]?.();
  sender.send(candidate("a"));
  await pass(20);
  expect(arrived()).toEqual(["1: description", "2: a"]);
  sender.resync(0);
  await answers[1]?.(new ConnectError("a number is missing", Code.FailedPrecondition));
  expect(arrived().at(-1)).toBe("1: a");
});

it("does not repeat what the server already has", async () => {
  const answers = holdCalls();
  const sender = createSender();
  sender.send(offer());
  await pass(1);
  await answers[0]?.(away());
  sender.resync(1);
  sender.send(candidate("a"));
  await pass(250);
  expect(arrived()).toEqual(["1: description", "2: a"]);
});

it("drops everything when it is closed", async () => {
  const sender = createSender();
  sender.send(offer());
  sender.close();
  sender.send(candidate("a"));
  await pass(1_000);
  expect(arrived()).toEqual([]);
});

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { WireType } from "@bufbuild/protobuf/wire";
import { beforeEach, expect, it } from "vitest";
import { SignalResponseSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { Notice, Notices } from "../../src/client/index.js";
import { ClientHarness, outcome, useFakeClock } from "./client-harness.js";
import { away, ScriptedServer, settle } from "./scripted-server.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

const REPORTED_AT_MS = 1_762_128_000_000;
const answer = (reportId: string, actedOn = true) => {
  const value = { reportId, actedOn, createTime: timestampFromMs(REPORTED_AT_MS) };
  return { case: "reportUpdated" as const, value };
};
const idsOf = (notices: readonly Notice[]) =>
  notices.map((notice) => (notice.kind === "report" ? notice.reportId : notice.actionId));

/** The notices of a client that is online, and each list of IDs that it announced. */
async function open(): Promise<{ harness: ClientHarness; notices: Notices; announced: string[][] }> {
  const harness = await ClientHarness.arrive(server);
  const announced: string[][] = [];
  harness.client.on("notices", (unseen) => announced.push(idsOf(unseen)));
  return { harness, notices: await harness.client.notices(), announced };
}

it("says what became of a report", async () => {
  const { notices } = await open();
  await server.stream.event(answer("7"));
  await server.stream.event(answer("8", false));
  expect(notices.unseen).toEqual([
    { kind: "report", reportId: "7", actedOn: true, reportedAtMs: REPORTED_AT_MS },
    { kind: "report", reportId: "8", actedOn: false, reportedAtMs: REPORTED_AT_MS },
  ]);
});

it("says what a moderator warns of, and tells the server that it was read, beside reports", async () => {
  const { notices } = await open();
  const [actionId, statement] = ["a".repeat(22), "Do not advertise."];
  const createTime = timestampFromMs(REPORTED_AT_MS);
  await server.stream.event(answer("7"));
  for (let times = 0; times < 2; times++) {
    await server.stream.event({ case: "warned", value: { actionId, statement, createTime } });
  }
  expect(notices.unseen.slice(1)).toEqual([{ kind: "warning", actionId, statement, warnedAtMs: REPORTED_AT_MS }]);
  let failures = 1;
  server.onCall = (name) => {
    if (name === "acknowledgeWarning" && failures-- > 0) throw away();
  };
  await notices.seen(notices.unseen);
  expect(server.acknowledged).toEqual([["7"], [actionId], [actionId]]);
  await server.stream.event({ case: "warned", value: { actionId, statement, createTime } });
  expect(notices.unseen).toEqual([]);
});

it("keeps what arrives before its code is asked for, and goes on with the other events", async () => {
  const harness = await ClientHarness.wait(server);
  await server.stream.event(answer("7"));
  await server.stream.event({ case: "waiting", value: { waitingCount: 9 } });
  expect(harness.client.state.activity).toMatchObject({ waitingCount: 9 });
  const [notices, again] = [await harness.client.notices(), await harness.client.notices()];
  expect(again).toBe(notices);
  await server.stream.event(answer("8"));
  expect(idsOf(notices.unseen)).toEqual(["7", "8"]);
  expect(server.streams).toHaveLength(1);
});

it("announces each answer once, although a server may repeat it", async () => {
  const { notices, announced } = await open();
  for (const id of ["7", "7", "8"]) await server.stream.event(answer(id));
  await notices.seen(notices.unseen.slice(0, 1));
  await server.stream.event(answer("7"));
  expect(announced).toEqual([["7"], ["7", "8"], ["8"]]);
});

it("tells the server what was seen, in calls as large as it allows", async () => {
  const { notices } = await open();
  for (let id = 1; id <= 130; id++) await server.stream.event(answer(String(id)));
  const seen = notices.seen(notices.unseen);
  expect(notices.unseen).toEqual([]);
  await seen;
  expect(server.acknowledged.map((ids) => ids.length)).toEqual([100, 30]);
  expect(server.acknowledged.flat()).toEqual(Array.from({ length: 130 }, (_, index) => String(index + 1)));
});

it("tells the server again if it could not be told, and otherwise shows the answer again", async () => {
  const { notices } = await open();
  await server.stream.event(answer("7"));
  let failures = 1;
  server.onCall = () => {
    if (failures-- > 0) throw away();
  };
  await notices.seen(notices.unseen);
  expect(server.acknowledged).toEqual([["7"], ["7"]]);
  await server.stream.event(answer("8"));
  failures = 2;
  expect(await outcome(notices.seen(notices.unseen))).toBe("server_unreachable");
  expect(notices.unseen).toEqual([]);
  for (const id of ["7", "8"]) await server.stream.event(answer(id));
  expect(idsOf(notices.unseen)).toEqual(["8"]);
});

it("says nothing any more after the client was closed", async () => {
  const { harness, notices, announced } = await open();
  await server.stream.event(answer("7"));
  await harness.client.close();
  expect(await outcome(notices.seen(notices.unseen))).toBe("closed");
  expect([announced, server.acknowledged]).toEqual([[["7"]], []]);
});

it("bounds what it keeps of a server that sends more, and ignores what it does not know or cannot read", async () => {
  const { harness, notices } = await open();
  for (let id = 1; id <= 600; id++) await server.stream.event(answer(String(id)));
  expect([notices.unseen.length, idsOf(notices.unseen).at(-1)]).toEqual([500, "600"]);
  const response = create(SignalResponseSchema, { sequence: ++server.stream.sequence });
  const unreadable = new Uint8Array([2, 0x0a, 0x7f]); // a text that ends before its length
  response.$unknown = [
    { no: 13, wireType: WireType.LengthDelimited, data: unreadable },
    { no: 999, wireType: WireType.LengthDelimited, data: unreadable },
  ];
  await server.stream.send(response);
  expect(harness.errors.map(({ code }) => code)).toEqual(["internal"]);
  await server.stream.event(answer("601"));
  expect(idsOf(notices.unseen).at(-1)).toBe("601");
  await settle();
  expect(server.streams).toHaveLength(1);
});

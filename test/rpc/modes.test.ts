import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";

const HEAD = ["v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0"];
const section = (kind: string, direction: string) => [`m=${kind} 9 UDP/TLS/RTP/SAVPF 96`, "a=mid:0", `a=${direction}`];
const data = ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:2"];
const sdpOf = (...lines: string[][]) => [...HEAD, ...lines.flat(), ""].join("\r\n");

/** What a browser offers: both media in a direction of their own, and a data channel. */
const withMedia = (audio: string, video: string) => sdpOf(section("audio", audio), section("video", video), data);
const everything = withMedia("sendrecv", "sendrecv");
const sound = withMedia("sendrecv", "recvonly");
const nothing = withMedia("inactive", "inactive");

const offer = (sdp: string) => ({ type: Description_Type.OFFER, sdp, connectionId: "pc" });
const answer = (sdp: string) => ({ ...offer(sdp), type: Description_Type.ANSWER });
const signal = (value: ReturnType<typeof offer>) => ({ kind: { case: "description" as const, value } });
const candidate = (text: string) => ({ kind: { case: "candidate" as const, value: { candidate: text } } });

const REFUSED = { code: "InvalidArgument", reason: "FIELD_INVALID" };

let redis: RedisServer;
let folder: string;
let file: string;
beforeAll(async () => {
  redis = await RedisServer.start();
  folder = await mkdtemp(join(tmpdir(), "satoshigle-modes-"));
  file = join(folder, "matching.yaml");
  await writeFile(file, "attributes:\n  - { name: interests, gives_way_after_seconds: 600 }\n  - name: mode\n");
});
afterAll(async () => {
  await redis.close();
  await rm(folder, { recursive: true });
});

const shared = () => ({ REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "s".repeat(32) });

let server: TestServer;
const text = { sub: "ann", restrictions: ["text_only"] };

async function open(claims?: object): Promise<TestClient> {
  const identity = claims === undefined ? {} : { identityToken: await identityToken({ ...claims }) };
  return TestClient.open(transportTo(server.url), identity);
}

/** Two who are matched; the second one is the offerer. */
async function couple(answerer: TestClient, offerer: TestClient, modes: [string?, string?] = []) {
  const preferences = { interests: [uniqueInterest()] };
  for (const [index, side] of [answerer, offerer].entries()) {
    const mode = modes[index];
    await side.match({ preferences, attributes: mode === undefined ? [] : [{ name: "mode", values: [mode] }] });
    if (index === 0) await side.until("waiting");
  }
  const { matchId } = await answerer.until("matched");
  await offerer.until("matched");
  return matchId;
}

/** Sends signals that are refused, and then one that the partner gets in their place. */
async function expectRefused(from: TestClient, to: TestClient, matchId: string, sequence: number, ...sdps: string[]) {
  for (const sdp of sdps) {
    for (const described of [offer(sdp), answer(sdp)]) {
      const signals = [candidate("candidate:1 1 UDP 1 192.0.2.1 9 typ host"), signal(described)];
      const refusal = await refusalOf(from.send({ matchId, clientSequence: sequence, signals }));
      expect(refusal).toMatchObject({ ...REFUSED, field: "signals[1].description.sdp" });
    }
  }
  await from.send({ matchId, clientSequence: sequence, signals: [signal(offer(nothing))] });
  const { signals } = await to.until("signalReceived");
  expect(signals.map(({ kind }) => kind.value)).toMatchObject([{ sdp: nothing }]);
}

describe.each([
  ["in memory", () => ({})],
  ["in Redis", shared],
])("a person whom the app allows text only, %s", (_, more) => {
  beforeAll(async () => {
    server = await startServer({ ...roomy, IDENTITY_SECRET: appSecret, ...more() });
  });
  afterAll(() => server.close());

  it("negotiates no media, at the beginning and later in the call, and its partner may try", async () => {
    const [ann, bob] = [await open(text), await open()];
    expect([ann.welcome.modeLimit, bob.welcome.modeLimit]).toEqual(["text", ""]);
    const matchId = await couple(ann, bob);
    await bob.send({ matchId, clientSequence: 1, signals: [signal(offer(everything))] });
    await ann.until("signalReceived");
    await expectRefused(ann, bob, matchId, 1, everything, sound, withMedia("inactive", "recvonly"));
    await expectRefused(ann, bob, matchId, 2, everything, withMedia("sendonly", "inactive"));
    await ann.send({ matchId, clientSequence: 3, signals: [signal(answer(sdpOf(data)))] });
    await bob.until("signalReceived");
  });

  it("offers none with its search, which then has no effect", async () => {
    const ann = await open(text);
    const preferences = { interests: [uniqueInterest()] };
    const refusal = await refusalOf(ann.match({ preferences, offer: offer(everything) }));
    expect(refusal).toMatchObject({ ...REFUSED, field: "offer.sdp" });
    const bob = await open();
    await bob.match({ preferences });
    await bob.until("waiting");
    await ann.match({ preferences, offer: offer(nothing) });
    expect((await bob.until("matched")).offer).toMatchObject({ sdp: nothing });
  });

  it("cannot send a description as something else", async () => {
    const [ann, bob] = [await open(text), await open()];
    const matchId = await couple(ann, bob);
    const hidden = [
      {
        case: "candidate" as const,
        value: { candidate: `candidate:1\r\n${section("audio", "sendrecv").join("\r\n")}` },
      },
      { case: "candidate" as const, value: { candidate: "candidate:1", sdpMid: "0\r\nm=audio 9 RTP/AVP 0" } },
      { case: "candidate" as const, value: { candidate: "candidate:1", usernameFragment: "x\nm=audio 9 RTP/AVP 0" } },
      { case: "description" as const, value: { ...offer(everything), type: Description_Type.ROLLBACK } },
      { case: "description" as const, value: { ...offer(everything), connectionId: "x\r\nm=audio" } },
    ];
    for (const kind of hidden) {
      const refusal = await refusalOf(ann.send({ matchId, clientSequence: 1, signals: [{ kind }] }));
      expect(refusal.code).toBe("InvalidArgument");
    }
    await expectRefused(ann, bob, matchId, 1, everything);
  });

  it("is restricted from the next stream on when the app changes its mind", async () => {
    const [ann, bob] = [await open({ sub: "ann" }), await open()];
    const matchId = await couple(ann, bob);
    await ann.send({ matchId, clientSequence: 1, signals: [signal(offer(everything))] });
    await bob.until("signalReceived");
    await ann.break();
    const again = await TestClient.open(transportTo(server.url), {
      ...ann.resume,
      identityToken: await identityToken(text),
    });
    expect(again.welcome.modeLimit).toBe("text");
    await expectRefused(again, bob, matchId, 2, everything);
  });

  it("is the only one: what others say of their mode is only told where nobody can seek by it", async () => {
    const [ann, bob] = [await open(), await open()];
    const matchId = await couple(ann, bob, ["text", "audio"]);
    for (const [from, to] of [
      [ann, bob],
      [bob, ann],
    ] as const) {
      await from.send({ matchId, clientSequence: 1, signals: [signal(offer(everything))] });
      await to.until("signalReceived");
    }
  });
});

describe.each([
  ["in memory", () => ({})],
  ["in Redis", shared],
])("where people can seek by the mode, %s", (_, more) => {
  beforeAll(async () => {
    const realm = { REALM: `modes-${String(Object.keys(more()).length)}` };
    server = await startServer({ ...roomy, IDENTITY_SECRET: appSecret, MATCHING_FILE: file, ...more(), ...realm });
  });
  afterAll(() => server.close());

  it("holds text, and its partner may try", async () => {
    const [ann, bob] = [await open(), await open()];
    const matchId = await couple(ann, bob, ["text"]);
    await bob.send({ matchId, clientSequence: 1, signals: [signal(offer(everything))] });
    await ann.until("signalReceived");
    await expectRefused(ann, bob, matchId, 1, everything, sound);
    await expectRefused(ann, bob, matchId, 2, everything);
  });

  it("holds audio, which may watch", async () => {
    const [ann, bob] = [await open(), await open()];
    const matchId = await couple(ann, bob, ["video", "audio"]);
    await expectRefused(bob, ann, matchId, 1, everything, withMedia("inactive", "sendonly"));
    await bob.send({ matchId, clientSequence: 2, signals: [signal(offer(sound))] });
    await ann.until("signalReceived");
    await ann.send({ matchId, clientSequence: 1, signals: [signal(answer(everything))] });
    await bob.until("signalReceived");
  });

  it("holds for the offer of a search, by the mode that it says", async () => {
    const ann = await open();
    const search = (mode: string, sdp: string) =>
      ann.match({ offer: offer(sdp), attributes: [{ name: "mode", values: [mode] }] });
    for (const [mode, sdp] of [
      ["text", sound],
      ["text", everything],
      ["audio", everything],
    ] as const) {
      expect(await refusalOf(search(mode, sdp))).toMatchObject({ ...REFUSED, field: "offer.sdp" });
    }
    await search("text", nothing);
    await search("audio", sound);
    await search("video", everything);
    await ann.until("waiting");
    await ann.leave();
  });

  it("is that of the next match after a change", async () => {
    const [ann, bob, cyd] = [await open(), await open(), await open()];
    const first = await couple(ann, bob, ["text"]);
    await expectRefused(ann, bob, first, 1, everything);
    await ann.leave();
    const second = await couple(ann, cyd, ["video"]);
    await ann.send({ matchId: second, clientSequence: 1, signals: [signal(offer(everything))] });
    await cyd.until("signalReceived");
  });
});

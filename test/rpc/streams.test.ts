import { durationMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { IceTransportPolicy, Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { limits } from "../../src/core/limits.js";
import { candidate, pair, roomy, uniqueInterest } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    ...roomy,
    HEARTBEAT_INTERVAL_MS: "1000",
    MAX_DISCONNECTION_DURATION_MS: "30000",
    STUN_URLS: "stun:stun.example.com:3478",
    TURN_URLS: "turn:turn.example.com:3478?transport=udp",
    TURN_SECRET: "north",
  });
});
afterAll(() => server.close());

const open = () => TestClient.open(transportTo(server.url));

describe("Welcome", () => {
  it("is the first event and contains all that a new session needs", async () => {
    const { welcome } = await open();
    expect(welcome.sessionId).toMatch(/^[\w-]{22}$/);
    expect(welcome.token.startsWith(`${welcome.sessionId}.`)).toBe(true);
    expect(welcome.epoch).not.toBe("");
    expect(welcome).toMatchObject({ resumed: false, lastSequence: 0, snapshot: { state: { case: "idle" } } });
    expect(welcome.heartbeatInterval && durationMs(welcome.heartbeatInterval)).toBe(1_000);
    expect(welcome.resumeWindow && durationMs(welcome.resumeWindow)).toBe(30_000);
    expect(welcome.limits).toMatchObject({
      maxDescriptionBytes: limits.descriptionBytes,
      maxSignalsPerSend: limits.signalsPerSend,
      maxInterests: limits.interests,
      maxLanguages: limits.languages,
      maxCommentCharacters: limits.commentCharacters,
      maxMessageBytes: limits.messageBytes,
      maxCalls: Number(roomy.RATE_LIMIT_MAX_REQUESTS),
    });
  });

  it("contains STUN servers only, and states that there is a relay", async () => {
    const person = await open();
    const { iceServers, sessionId, relayAvailable } = person.welcome;
    expect(iceServers).toMatchObject([{ urls: ["stun:stun.example.com:3478"], username: "", credential: "" }]);
    expect(relayAvailable).toBe(true);
    const [stun, turn] = (await person.getIceServers()).iceServers;
    expect(stun).toMatchObject({ urls: ["stun:stun.example.com:3478"], username: "", credential: "" });
    expect(turn).toMatchObject({ urls: ["turn:turn.example.com:3478?transport=udp"] });
    const [expiry, name] = String(turn?.username).split(":");
    expect(name).toBe(sessionId);
    expect(Math.abs(Number(expiry) - Date.now() / 1000 - 600)).toBeLessThan(30);
    expect(turn?.credential).toMatch(/^[A-Za-z0-9+/]{27}=$/);
    expect(turn?.lifetime && durationMs(turn.lifetime)).toBe(600_000);
  });

  it("contains a different session, token and epoch each time", async () => {
    const [one, two] = [(await open()).welcome, (await open()).welcome];
    expect(one.sessionId).not.toBe(two.sessionId);
    expect(one.epoch).not.toBe(two.epoch);
  });

  it("states that the session is waiting", async () => {
    const person = await open();
    const interests = [uniqueInterest()];
    await person.match({ preferences: { interests } });
    const { startTime } = await person.until("waiting");
    const again = await TestClient.open(person.transport, { token: person.welcome.token });
    expect(again.welcome.snapshot?.state).toMatchObject({ case: "waiting", value: { startTime } });
  });

  it("contains the match of the session", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    await offerer.send({ matchId, clientSequence: 2, signals: [candidate(2)] });
    await answerer.break();
    await offerer.until("partnerAway");
    const again = await TestClient.open(offerer.transport, { token: offerer.welcome.token });
    const { snapshot } = again.welcome;
    expect(snapshot?.state).toMatchObject({
      case: "inMatch",
      value: {
        matchId,
        role: Role.OFFERER,
        partnerPresent: false,
        clientSequence: 2,
        iceTransportPolicy: IceTransportPolicy.ALL,
      },
    });
    expect(snapshot?.state.case === "inMatch" && snapshot.state.value.sharedInterests).toHaveLength(1);
    expect(snapshot?.state.case === "inMatch" && snapshot.state.value.startTime).toBeDefined();
  });
});

describe("resuming", () => {
  it("replays each missed event once and in order", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    await answerer.until("signalReceived");
    await answerer.break();
    await offerer.until("partnerAway");
    for (let index = 2; index <= 9; index++) {
      await offerer.send({ matchId, clientSequence: index, signals: [candidate(index)] });
    }
    const { resume } = answerer;
    const again = await TestClient.open(answerer.transport, resume);
    expect(again.welcome).toMatchObject({ resumed: true, epoch: resume.epoch, lastSequence: resume.lastSequence });
    expect(again.welcome.sessionId).toBe(answerer.welcome.sessionId);
    for (let index = 2; index <= 9; index++) {
      const { sequence, event } = await again.next();
      expect(sequence).toBe(resume.lastSequence + index - 1);
      expect(event).toMatchObject({ case: "signalReceived", value: { signals: [candidate(index)] } });
    }
    await offerer.send({ matchId, clientSequence: 10, signals: [candidate(10)] });
    expect((await again.next()).event).toMatchObject({ value: { signals: [candidate(10)] } });
  });

  it("from an earlier event also replays events that were received before", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    const before = answerer.resume;
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    const seen = await answerer.next();
    const again = await TestClient.open(answerer.transport, before);
    expect(again.welcome.resumed).toBe(true);
    expect(await again.next()).toMatchObject(seen);
  });

  it("with an unknown epoch starts from a snapshot", async () => {
    const { answerer, matchId } = await pair(transportTo(server.url));
    const again = await TestClient.open(answerer.transport, { ...answerer.resume, epoch: "elsewhere" });
    expect(again.welcome).toMatchObject({ resumed: false, epoch: answerer.welcome.epoch });
    expect(again.welcome.lastSequence).toBe(answerer.lastSequence);
    expect(again.welcome.snapshot?.state).toMatchObject({ case: "inMatch", value: { matchId } });
  });

  it("beyond the newest event starts a new epoch", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    const again = await TestClient.open(answerer.transport, { ...answerer.resume, lastSequence: 1_000 });
    expect(again.welcome).toMatchObject({ resumed: false, lastSequence: 0 });
    expect(again.welcome.epoch).not.toBe(answerer.welcome.epoch);
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect((await again.next()).sequence).toBe(1);
  });

  it("after more events than the mailbox holds starts from a snapshot, never with a silent gap", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await answerer.break();
    await offerer.until("partnerAway");
    const sent = limits.mailboxEvents + 1;
    for (let index = 1; index <= sent; index++) {
      await offerer.send({ matchId, clientSequence: index, signals: [candidate(index)] });
    }
    const again = await TestClient.open(answerer.transport, answerer.resume);
    expect(again.welcome).toMatchObject({ resumed: false, lastSequence: answerer.lastSequence + sent });
    expect(again.welcome.snapshot?.state).toMatchObject({ case: "inMatch", value: { matchId } });
    await offerer.send({ matchId, clientSequence: sent + 1, signals: [candidate(0)] });
    expect((await again.next()).sequence).toBe(again.welcome.lastSequence + 1);
  });
});

describe("a second stream of a session", () => {
  it("replaces the first, which ends with SessionClosed and must not reconnect", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    const second = await TestClient.open(answerer.transport, answerer.resume);
    expect(await answerer.rest()).toMatchObject([
      { case: "sessionClosed", value: { reason: SessionClosed_Reason.REPLACED, shouldReconnect: false } },
    ]);
    expect(await answerer.ended).toBeUndefined();
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect((await second.next()).event).toMatchObject({ case: "signalReceived" });
  });

  it("and many more by a replayed token: only the newest emits events, and none is repeated", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    const { token } = answerer.resume;
    const last = 60;
    const sending = (async () => {
      for (let index = 1; index <= last; index++) {
        await offerer.send({ matchId, clientSequence: index, signals: [candidate(index)] });
      }
    })();
    const replays = await Promise.all(
      Array.from({ length: 10 }, () => TestClient.open(transportTo(server.url), { token })),
    );
    await sending;
    await offerer.send({ matchId, clientSequence: last + 1, signals: [candidate(last + 1)] });

    const all = [answerer, ...replays];
    const over = { case: "sessionClosed", value: { reason: SessionClosed_Reason.REPLACED, shouldReconnect: false } };
    const heard = await Promise.all(all.map((one) => hear(one, `candidate:${String(last + 1)} `)));
    const replaced = heard.filter(({ end }) => end !== undefined);
    expect(replaced.map(({ end }) => end)).toMatchObject(Array(10).fill(over));
    const numbers = heard.flatMap(({ sequences }) => sequences);
    expect(new Set(numbers).size, "no event is repeated").toBe(numbers.length);
    const [newest] = heard.filter(({ end }) => end === undefined);
    const from = newest?.person.welcome.lastSequence ?? 0;
    expect(newest?.sequences).toEqual(Array.from(newest?.sequences ?? [], (_, index) => from + index + 1));
    expect(newest?.sequences.at(-1)).toBe(Math.max(...numbers));
  });

  /** Reads a stream up to a candidate or its end. Returns the sequences of its events, and the last event. */
  async function hear(person: TestClient, until: string) {
    const sequences: number[] = [];
    for (;;) {
      const message = await person.nextOrEnd();
      if (message === undefined) throw new Error("the stream ended without an event");
      const { event, sequence } = message;
      if (event.case === "sessionClosed") return { person, sequences, end: event };
      if (sequence > 0) sequences.push(sequence);
      const isLast = event.case === "signalReceived" && JSON.stringify(event.value.signals).includes(until);
      if (isLast) return { person, sequences, end: undefined };
    }
  }

  it("is not noticed by the partner", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await TestClient.open(answerer.transport, answerer.resume);
    await answerer.ended;
    await answerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect((await offerer.next()).event).toMatchObject({ case: "signalReceived" });
  });
});

describe("heartbeats", () => {
  it("are sent repeatedly on a quiet stream, without a sequence", async () => {
    const person = await open();
    for (let count = 0; count < 3; count++) {
      const message = await person.nextOrEnd();
      expect(message).toMatchObject({ sequence: 0, event: { case: "heartbeat" } });
    }
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SignalRequestSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { UNNAMED } from "../../src/core/case.js";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { LmdbRecords } from "../../src/adapters/lmdb/moderation-store.js";
import { LmdbTips } from "../../src/adapters/lmdb/tip-ledger.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { MemoryQuotas } from "../../src/adapters/memory/quotas.js";
import { MemoryMeter } from "../../src/adapters/metrics/meter.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { systemRandom } from "../../src/adapters/node/random.js";
import { systemProcessStats } from "../../src/adapters/node/process-stats.js";
import { Bans } from "../../src/app/bans.js";
import { Arrivals } from "../../src/app/arrivals.js";
import { Departures } from "../../src/app/departures.js";
import { STREAM_PACE } from "../../src/app/pace.js";
import type { Caller } from "../../src/app/caller.js";
import { SharedSecret } from "../../src/adapters/turn/shared-secret.js";
import { RelayCredentials } from "../../src/app/ice.js";
import { Matching } from "../../src/app/matching.js";
import { Moderation } from "../../src/app/moderation.js";
import type { SessionStream } from "../../src/app/session-stream.js";
import { Sessions } from "../../src/app/sessions.js";
import { LoadShedder } from "../../src/app/load-shedder.js";
import { Streams } from "../../src/app/streams.js";
import { loadConfig } from "../../src/config.js";
import { addressKeys } from "../../src/core/address-key.js";
import type { SessionId } from "../../src/core/ids.js";
import { narrowestOf } from "../../src/core/network-key.js";
import { renderIceServers } from "../../src/rpc/codec/render-signal.js";
import { renderMessage } from "../../src/rpc/codec/render.js";
import { createStreamOpener } from "../../src/rpc/services/signaling.js";
import { settingsFrom } from "../../src/settings.js";
import { nobodyWarned, nothingAnswered } from "../support/no-answers.js";
import { noChallenges } from "../support/no-challenges.js";
import { anonymousOnly, deviceKeyOf, keyOf, peopleIn } from "../support/people.js";
import { anyCrowd, nothingEnforced } from "../support/no-actions.js";
import { Gate } from "./support/gate.js";
import { type OpenSession, until, untilAsked, untilRefused } from "./support/open-session.js";
import { SlowClock } from "../support/slow-clock.js";

const BAD = "192.0.2.1";
const GOOD = "198.51.100.1";
const config = loadConfig({ NODE_ENV: "test", TURN_URLS: "turn:127.0.0.1:3478", TURN_SECRET: "a secret of the relay" });

let services: Awaited<ReturnType<typeof startServices>>;
beforeEach(async () => {
  services = await startServices();
});
afterEach(() => services.close());

/** All services between the wire and the stores, with a lobby whose methods can be delayed. */
async function startServices() {
  const [clock, random] = [new SlowClock(), systemRandom];
  const [processStats, realm] = [systemProcessStats(), new LobbyState(20_000)];
  const [meter, mailbox, lobby] = [new MemoryMeter(processStats), new MemoryMailbox(realm), new MemoryLobby(realm)];
  const [attaching, banishing, looking] = [new Gate(), new Gate(), new Gate()];
  const real = new MemoryLobby(realm);
  lobby.open = (session) => attaching.pass().then(() => real.open(session));
  lobby.attach = (stream) => attaching.pass().then(() => real.attach(stream));
  lobby.partner = (whose) => looking.pass().then(() => real.partner(whose));
  lobby.closeSessions = (closing) => banishing.pass().then(() => real.closeSessions(closing));
  const enforcement = nothingEnforced;
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-banning-"));
  const root = openDatabase(folder);
  const [records, tips] = [new LmdbRecords(root), new LmdbTips(root)];
  const onError = (error: unknown) => expect.unreachable(String(error));
  const keys = addressKeys("secret");
  const bans = await Bans.start({ lobby, records, clock, keys, onError });
  const settings = settingsFrom(config);
  const streams = new Streams(clock, random, settings.streams);
  const loadShedder = new LoadShedder({ recentLoopDelayMs: () => 0 }, random, meter, 250);
  const identities = anonymousOnly(clock);
  const people = peopleIn({ root, lobby, bans, clock, onError });
  const callers = { bans, identities, people, deviceKeyOf, answers: nothingAnswered, warnings: nobodyWarned };
  const stores = { lobby, mailbox, tips };
  const parts = {
    ...callers,
    ...stores,
    streams,
    loadShedder,
    challenges: noChallenges,
    departures: new Departures(STREAM_PACE),
    clock,
    random,
    meter,
  };
  const { TURN_URLS: turnUrls, TURN_SECRET, TURN_LIFETIME_MS: lifetimeMs } = config;
  const credentials = new SharedSecret({ turnUrls, secret: TURN_SECRET, lifetimeMs });
  const { ice } = settings.signaling;
  const relaying = new RelayCredentials({ lobby, quotas: new MemoryQuotas(), bans, clock, credentials, settings: ice });
  const opening = {
    arrivals: new Arrivals(STREAM_PACE, () => loadShedder.refuse()),
    streams,
    sessions: new Sessions({ ...parts, settings: settings.sessions }),
    relaying,
    enforcement,
    clock,
    settings: settings.signaling,
  };
  const openStream = createStreamOpener(opening);
  const getIceServers = async (caller: Caller) => renderIceServers(await relaying.iceServers(caller));
  const open = new Set<SessionStream>();
  const close = async () => {
    for (const session of open) session.end();
    bans.stop();
    processStats.close();
    await root.close();
    await rm(folder, { recursive: true });
  };
  const matching = new Matching({
    lobby,
    bans,
    enforcement,
    deposits: undefined,
    clock,
    random,
    settings: settings.matching,
  });
  const afterReport = () => Promise.resolve();
  const moderation = new Moderation({
    ...{ lobby, records, bans, enforcement, crowds: anyCrowd, people, keyOf, clock, meter, afterReport },
    rules: settings.bans,
  });
  const target = { addressKey: narrowestOf(keys.networkOf(BAD).key) };
  const ban = () => moderation.ban({ target, reason: "", durationMs: undefined, force: false, by: UNNAMED });
  return { openStream, getIceServers, matching, realm, bans, ban, attaching, banishing, looking, open, close };
}

const someClient = { isGone: () => false, onWait: () => undefined };

/** Opens a stream, of a new session unless an ID is given. */
function listen(host: string, sessionId?: SessionId): OpenSession {
  const session: OpenSession = { id: sessionId ?? ("" as SessionId), received: [], end: undefined };
  const caller = { sessionId, host };
  const hear = async () => {
    const { session: stream, context } = await services.openStream(caller, create(SignalRequestSchema), someClient);
    services.open.add(stream);
    for (let batch = await stream.next(); batch.length > 0; batch = await stream.next()) {
      for (const { event } of batch.map((delivery) => renderMessage(delivery, context))) {
        session.received.push(event);
        if (event.case === "welcome") session.id = event.value.sessionId as SessionId;
      }
    }
  };
  void hear().then(
    () => (session.end = { error: undefined }),
    (error: unknown) => (session.end = { error }),
  );
  return session;
}

async function enter(host: string): Promise<OpenSession> {
  const session = listen(host);
  await until(session, "welcome");
  return session;
}

function match({ id }: OpenSession, host: string): Promise<void> {
  const preferences = { interests: [], languages: [], relayOnly: false };
  const caller = { sessionId: id, host };
  return services.matching.match(caller, { preferences, rematch: false, offer: undefined, leaveMatchId: undefined });
}

const credentialsIn = ({ iceServers }: { iceServers: { credential: string }[] }) =>
  iceServers.filter(({ credential }) => credential !== "").length;

describe("between a ban and the end of its sessions, while the store is slow", () => {
  it("a match gives TURN credentials to the partner only, not to the banned session", async () => {
    const [bad, good] = [await enter(BAD), await enter(GOOD)];
    expect(credentialsIn(await services.getIceServers({ sessionId: bad.id, host: BAD }))).toBe(1);
    await match(bad, BAD);
    services.banishing.shut();
    const banned = services.ban();
    await untilAsked(services.banishing, 1);
    const asked = services.getIceServers({ sessionId: bad.id, host: BAD });
    await expect(asked).rejects.toMatchObject({ reason: "banned" });
    await match(good, GOOD);
    expect((await until(bad, "matched")).iceServers).toEqual([]);
    expect(credentialsIn(await until(good, "matched"))).toBe(1);
    services.banishing.open();
    await banned;
    await until(bad, "sessionClosed");
    await until(good, "matchEnded");
  });

  it("a resume and a new session are refused before they receive any event", async () => {
    const bad = await enter(BAD);
    services.banishing.shut();
    const banned = services.ban();
    await untilAsked(services.banishing, 1);
    for (const late of [listen(BAD, bad.id), listen(BAD)]) await untilRefused(late);
    services.banishing.open();
    await banned;
  });
});

describe("TURN credentials", () => {
  it("have a budget for each network that contains the household", async () => {
    const { id: sessionId } = await enter(GOOD);
    const take = (host: string) => services.getIceServers({ sessionId, host });
    const perNetwork = config.TURN_CREDENTIALS_PER_HOUR;
    for (let net64 = 0; net64 < 4; net64++) {
      for (let count = 0; count < perNetwork; count++) await take(`2001:db8:0:1${String(net64)}::1`);
    }
    await expect(take("2001:db8:0:14::1")).rejects.toMatchObject({ reason: "limit_reached" });
    expect(credentialsIn(await take("2001:db8:0:200::1")), "another /56").toBe(1);
  });

  it("are refused to a banned network before the store is called, without using up its budget", async () => {
    const bad = await enter(BAD);
    await services.ban();
    const asked = services.getIceServers({ sessionId: bad.id, host: BAD });
    await expect(asked).rejects.toMatchObject({ reason: "banned" });
    expect(services.looking.came).toBe(0);
  });

  it("are refused when the ban is added during the store's calls", async () => {
    const bad = await enter(BAD);
    services.looking.shut();
    const asked = services.getIceServers({ sessionId: bad.id, host: BAD });
    const refused = expect(asked).rejects.toMatchObject({ reason: "banned" });
    await untilAsked(services.looking, 1);
    services.banishing.shut(); // the session still exists
    const banned = services.ban();
    await untilAsked(services.banishing, 1);
    services.looking.open();
    await refused;
    services.banishing.open();
    await banned;
  });
});

describe("a ban that is added while a stream opens", () => {
  it("refuses the new session and removes it", async () => {
    services.attaching.shut();
    const late = listen(BAD);
    await untilAsked(services.attaching, 1);
    await services.ban();
    services.attaching.open();
    await untilRefused(late);
    expect(services.realm.sessions.size).toBe(0);
  });

  it("refuses the resume from another network, ends the session, and notifies the partner", async () => {
    const [moving, partner] = [await enter(GOOD), await enter("203.0.113.1")];
    await match(moving, GOOD);
    await match(partner, "203.0.113.1");
    await until(moving, "matched");
    const came = services.attaching.came;
    services.attaching.shut();
    const late = listen(BAD, moving.id);
    await untilAsked(services.attaching, came + 1);
    await services.ban();
    services.attaching.open();
    await untilRefused(late);
    expect([...services.realm.sessions.keys()]).toEqual([partner.id]);
    await until(partner, "matchEnded");
  });
});

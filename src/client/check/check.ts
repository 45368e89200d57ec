import type { Wire } from "../connection/api.js";
import type { IceServer } from "../gen/satoshigle/v1/signal_pb.js";
import { within } from "./deadline.js";
import { checkCamera, checkMicrophone } from "./media.js";
import { checkRelay, type RelayCheck } from "./relay.js";
import { reportCheck } from "./report.js";
import { checkStun } from "./stun.js";
import type { CheckResult, WayCheck } from "./types.js";

/** What the whole check may take, and the server of it; the ways to a partner have the rest. In milliseconds. */
const [TOTAL_MS, SERVER_MS] = [4_800, 3_000];
/** Less is too little for a picture that people like, in kilobits per second. */
const LOW_KILOBITS = 400;

export interface CheckDependencies {
  wire: Wire;
  /** Resolves when the stream is open. */
  online: () => Promise<void>;
  getIceServers: () => Promise<IceServer[]>;
  media: MediaStream | null;
}

type Ways = Pick<CheckResult, "stun" | "turnUdp" | "turnTcp" | "turnTls" | "uplink">;

/** Tests everything that a call needs at the same time, within five seconds. */
export async function runCheck(dependencies: CheckDependencies): Promise<CheckResult> {
  const [[server, ways], microphone, camera] = await Promise.all([
    checkNetwork(dependencies),
    within<CheckResult["microphone"]>(checkMicrophone(dependencies.media), TOTAL_MS, { status: "unavailable" }),
    within<CheckResult["camera"]>(checkCamera(dependencies.media), TOTAL_MS, { status: "unavailable" }),
  ]);
  const found = { server, ...ways, microphone, camera };
  const result: CheckResult = { verdict: judge(found), ...found };
  if (dependencies.wire.currentToken() !== undefined) void reportCheck(dependencies.wire, result);
  return result;
}

async function checkNetwork({ online, getIceServers }: CheckDependencies): Promise<[server: WayCheck, ways: Ways]> {
  const startMs = performance.now();
  const asked = online().then(async (): Promise<[WayCheck, IceServer[]]> => {
    const sentMs = performance.now();
    const servers = await getIceServers();
    return [{ status: "ok", roundTripMs: performance.now() - sentMs }, servers];
  });
  const [server, servers] = await within(asked, SERVER_MS, [{ status: "failed" }, []]);
  return [server, await checkWays(servers, startMs + TOTAL_MS - performance.now())];
}

async function checkWays(servers: readonly IceServer[], timeoutMs: number): Promise<Ways> {
  const stunUrls = servers.flatMap(({ urls }) => urls.filter((url) => /^stuns?:/i.test(url)));
  const [stun, turnUdp, turnTcp, turnTls] = await Promise.all([
    within<WayCheck>(checkStun(stunUrls, timeoutMs), timeoutMs, { status: "failed" }),
    firstOf(relaysOf(servers, isUdp), timeoutMs, true),
    firstOf(relaysOf(servers, isTcp), timeoutMs, false),
    firstOf(relaysOf(servers, isTls), timeoutMs, false),
  ]);
  return { stun, turnUdp: wayOf(turnUdp), turnTcp: wayOf(turnTcp), turnTls: wayOf(turnTls), uplink: uplinkOf(turnUdp) };
}

const isTls = (url: string) => /^turns:/i.test(url);
const isTcp = (url: string) => /^turn:.*[?&]transport=tcp/i.test(url);
const isUdp = (url: string) => /^turn:/i.test(url) && !isTcp(url);

function relaysOf(servers: readonly IceServer[], isMeant: (url: string) => boolean): RTCIceServer[] {
  return servers.flatMap(({ urls, username, credential }) =>
    urls.filter(isMeant).map((url) => ({ urls: [url], username, credential })),
  );
}

/** Tests all relays of a kind; one that works is enough. */
async function firstOf(relays: readonly RTCIceServer[], timeoutMs: number, measures: boolean): Promise<RelayCheck> {
  if (relays.length === 0) return { status: "unavailable" };
  const failed = { status: "failed" } as const;
  // A URL that the browser refuses throws.
  const tests = relays.map((relay) => within<RelayCheck>(checkRelay(relay, timeoutMs, measures), timeoutMs, failed));
  const results = await Promise.all(tests);
  return results.find(({ status }) => status === "ok") ?? failed;
}

function wayOf({ status, roundTripMs }: RelayCheck): WayCheck {
  return roundTripMs === undefined ? { status } : { status, roundTripMs };
}

function uplinkOf({ kilobitsPerSecond }: RelayCheck): Ways["uplink"] {
  if (kilobitsPerSecond === undefined) return { status: "unavailable" };
  return { status: kilobitsPerSecond < LOW_KILOBITS ? "warning" : "ok", kilobitsPerSecond };
}

function judge({ server, stun, turnUdp, turnTcp, turnTls, uplink, microphone, camera }: Omit<CheckResult, "verdict">) {
  const relays = [turnUdp, turnTcp, turnTls].map(({ status }) => status);
  const hasRelay = relays.includes("ok");
  const triedNoWay = [stun.status, ...relays].every((status) => status === "unavailable");
  if (server.status === "failed" || !(hasRelay || stun.status === "ok" || triedNoWay)) return "bad";
  const others = [stun, uplink, microphone, camera].map(({ status }) => status);
  const isFlawed = others.some((status) => status === "failed" || status === "warning");
  return isFlawed || (!hasRelay && relays.includes("failed")) ? "limited" : "good";
}

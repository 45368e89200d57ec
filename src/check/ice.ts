import { pino } from "pino";
import type { StunServer } from "../adapters/stun/link.js";
import { probeStun, probeTurn, type RelayProbe, StunRefused } from "../adapters/stun/probe.js";
import { systemClock } from "../adapters/node/clock.js";
import type { Config } from "../config.js";
import { type IceUrl, parseIceUrl } from "../core/ice-url.js";
import type { SessionId } from "../core/ids.js";
import { openTurn } from "../turn.js";
import { about, type Finding, reasonOf } from "./finding.js";

/** How long a server may take to answer, in milliseconds. Browsers wait longer, people do not. */
const TIMEOUT_MS = 4_000;

/** Tries each STUN and TURN server as a browser would. */
export async function checkIce(config: Config, nowMs: number): Promise<Finding[]> {
  const stun = config.STUN_URLS.map((url) => checkStun(url));
  const { candidates, troubles } = await turnCandidates(config, nowMs);
  const turn = candidates.map(({ url, login }) => checkTurn(url, login));
  return [...without(config), ...troubles, ...(await Promise.all([...stun, ...turn]))];
}

function without({ STUN_URLS: stun, TURN_URLS: turn, TURN_API_URL: api }: Config): Finding[] {
  const found: Finding[] = [];
  if (stun.length + turn.length === 0) {
    const text = "there are no STUN servers: browsers behind a router do not learn their public address";
    found.push(about("stun").warn(text, "set STUN_URLS, such as to your TURN server, which is one as well"));
  }
  if (turn.length === 0 && api === "") {
    const text = "there are no TURN servers: calls between strict networks fail (one in ten, more on mobile networks)";
    found.push(about("turn").warn(text, "run coturn and set TURN_URLS and TURN_SECRET"));
  }
  return found;
}

interface Login {
  username: string;
  credential: string;
}

interface TurnCandidates {
  candidates: { url: string; login: Login }[];
  /** Why there are no credentials. */
  troubles: Finding[];
}

/** Each TURN URL, with the credentials that browsers get. */
async function turnCandidates(config: Config, nowMs: number): Promise<TurnCandidates> {
  const turn = await openTurn(config, systemClock, pino({ level: "silent" }));
  const servers = turn.credentials.issue("check" as SessionId, nowMs);
  const troubles = turn.troubles().map((trouble) => about("turn").fail(trouble, "check TURN_API_*"));
  turn.stop();
  const candidates = servers.flatMap(({ urls, username = "", credential = "" }) =>
    urls.map((url) => ({ url, login: { username, credential } })),
  );
  return { candidates: candidates.filter(({ url }) => url.startsWith("turn")), troubles };
}

/** @throws Error if it is not the URL of a STUN or TURN server; the configuration accepts no such URL */
function serverOf(url: string): IceUrl {
  const parsed = parseIceUrl(url);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed;
}

async function checkStun(url: string): Promise<Finding> {
  const { ok, fail } = about("stun");
  try {
    const server = serverOf(url);
    const startMs = performance.now();
    const { address } = await probeStun(server, TIMEOUT_MS);
    return ok(`${url} answers in ${since(startMs)} ms; it sees this machine as ${address}`);
  } catch (error) {
    return fail(`${url} does not work: ${reasonOf(error)}`, adviceFor(url));
  }
}

async function checkTurn(url: string, login: Login): Promise<Finding> {
  const { fail } = about("turn");
  try {
    const server = serverOf(url);
    const startMs = performance.now();
    const probe = await probeTurn(server, login, TIMEOUT_MS);
    return describe(url, server, probe, since(startMs));
  } catch (error) {
    if (error instanceof StunRefused) return fail(`${url} refuses: ${error.message}`, refusals[error.code] ?? LOG);
    return fail(`${url} does not work: ${reasonOf(error)}`, adviceFor(url));
  }
}

function describe(url: string, server: StunServer, { relayed, isRelaying, isOpen }: RelayProbe, took: string) {
  const { ok, warn, fail } = about("turn");
  const way = server.transport.toUpperCase();
  if (isOpen) {
    const text = `${url} gives relays to anyone: it asks for no credentials`;
    return fail(text, "set use-auth-secret and static-auth-secret in turnserver.conf");
  }
  if (isRelaying === false) {
    const text = `${url} allocates over ${way}, but a packet to its relay ${relayed.address}:${String(relayed.port)} does not arrive`;
    return fail(text, "open its relay ports (UDP 49152-65535) in the firewall, or correct external-ip and relay-ip");
  }
  const text = `${url} allocates over ${way} in ${took} ms, on ${relayed.address}`;
  if (isRelaying === undefined) {
    return warn(`${text}; relaying was not tried, as it permits no peer at the address of this machine`, ELSEWHERE);
  }
  return ok(`${text}, and relays`);
}

const ELSEWHERE =
  "run this from a machine outside of the network of the TURN server, or use the page's connection test";
const LOG = "see the log of the TURN server";

const refusals: Record<number, string> = {
  401: "TURN_SECRET differs from static-auth-secret of the TURN server, or one of the two clocks is wrong",
  403: "the TURN server forbids this client: see allowed-peer-ip, denied-peer-ip and its realm",
  442: "the TURN server cannot relay over UDP: enable it",
  486: "the quota of the TURN server is reached: raise user-quota and total-quota",
  508: "the TURN server has no free relay ports: widen min-port to max-port",
};

function adviceFor(url: string): string {
  const isSecure = /^(stuns|turns):/i.test(url);
  const [variable] = url.toLowerCase().startsWith("stun") ? ["STUN_URLS"] : ["TURN_URLS"];
  const certificate = isSecure ? ", and that its certificate is valid for this name" : "";
  return `check host and port in ${variable}, that the server runs, that the firewall lets it through${certificate}`;
}

function since(startMs: number): string {
  return (performance.now() - startMs).toFixed(0);
}

import { create, toBinary } from "@bufbuild/protobuf";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createHmac } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { SignalRequestSchema, SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { appSecret } from "../support/app-keys.js";
import { Costs } from "./support/costs.js";
import { callOf, expectCheap, measure, print, type Speech, speeches, type TableCall } from "./support/refusal-table.js";
import { Target } from "./support/target.js";

const CALLS = 10;
/** Rounds before the measurement: first calls cost more, and the cheapest ones by the largest factor. */
const WARM_UP = 4;
const MAX_TOKEN_BYTES = 4_096;
const ALGORITHMS = ["RS256", "PS256", "RS512", "ES256", "EdDSA"];
/** Their signatures take longer to verify, so only the number of refused tokens limits what they cost. */
const SLOW_ALGORITHMS = ["ES384", "ES512"];
/** The limit of refused tokens of an address, on the server whose limit is used up. */
const MAX_REFUSED = 500;

const nowS = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
/** Claims of nearly the size that a token may have: all of it is signed. */
const large = () => ({ sub: "ann", aud: "calls", exp: nowS() + 600, more: "x".repeat(2_000) });

/** A token whose claims are all right, with a signature that is not. */
function forge(token: string): string {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const bytes = Buffer.from(signature, "base64url");
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return `${header}.${claims}.${bytes.toString("base64url")}`;
}

/** The servers: with a secret, with public keys, and with those and a limit that is used up. */
const servers = ["secret", "keys", "full"] as const;
type Server = (typeof servers)[number];

interface Refused {
  what: string;
  to: Server;
  token: string;
}

/** Writes the public keys of an app into a file. Returns tokens that are signed with each, and are refused. */
async function publishKeys(file: string): Promise<Refused[]> {
  const keys: object[] = [];
  const refused: Refused[] = [];
  for (const alg of [...ALGORITHMS, ...SLOW_ALGORITHMS]) {
    const to = SLOW_ALGORITHMS.includes(alg) ? "full" : "keys";
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    keys.push({ ...(await exportJWK(publicKey)), kid: alg, alg, use: "sig" });
    const sign = (claims: Record<string, unknown>, kid = alg) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(privateKey);
    refused.push(
      { what: `forged, ${alg}`, to, token: forge(await sign(large())) },
      { what: `expired, ${alg}`, to, token: await sign({ ...large(), exp: nowS() - 600 }) },
      { what: `for others, ${alg}`, to, token: await sign({ ...large(), aud: "mail" }) },
      { what: `unknown key, ${alg}`, to, token: await sign(large(), "another") },
      { what: `odd claim, ${alg}`, to, token: await sign({ ...large(), priority: 99 }) },
    );
  }
  await writeFile(file, JSON.stringify({ keys }));
  return refused;
}

function signedWithSecret(header: object, claims: object, secret = appSecret): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

/** Refused tokens that need no key pair. */
function others(): Refused[] {
  const hs256 = { alg: "HS256" };
  const tokens: [what: string, token: string][] = [
    ["forged, HS256", signedWithSecret(hs256, large(), "x".repeat(32))],
    ["expired, HS256", signedWithSecret(hs256, { ...large(), exp: nowS() - 600 })],
    ["for others, HS256", signedWithSecret(hs256, { ...large(), aud: "mail" })],
    ["without a signature", `${encode({ alg: "none" })}.${encode(large())}.`],
    ["of another algorithm", signedWithSecret({ alg: "RS256" }, large())],
    ["of 4 KiB and a byte", "a".repeat(MAX_TOKEN_BYTES + 1)],
    ["of letters", "a".repeat(MAX_TOKEN_BYTES)],
    ["of full stops", ".".repeat(MAX_TOKEN_BYTES)],
    ["with a nested header", `${encode("[".repeat(2_900))}.${encode({})}.x`],
    ["with nested claims", signedWithSecret(hs256, JSON.parse(`${'{"a":'.repeat(400)}1${"}".repeat(400)}`) as object)],
  ];
  return tokens.flatMap(([what, token]) => (["secret", "keys"] as const).map((to) => ({ what, to, token })));
}

let folder: string;
let targets: Record<Server, Target>;
let refused: Refused[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-keys-"));
  const file = join(folder, "jwks.json");
  refused = [...(await publishKeys(file)), ...others()];
  const variables = { RATE_LIMIT_MAX_REQUESTS: "1000000", RATE_LIMIT_WINDOW_MS: "3600000", IDENTITY_AUDIENCE: "calls" };
  targets = {
    secret: await Target.start({ ...variables, IDENTITY_SECRET: appSecret }),
    keys: await Target.start({ ...variables, IDENTITY_JWKS: file }),
    full: await Target.start({ ...variables, RATE_LIMIT_MAX_REQUESTS: String(MAX_REFUSED), IDENTITY_JWKS: file }),
  };
  await fillUp();
});
afterAll(async () => {
  await Promise.all(Object.values(targets).map((target) => target.close()));
  await rm(folder, { recursive: true });
});

const nothing = { what: "nothing", isBinary: true, bytes: Buffer.alloc(0) };

function bodyOf(what: string, identityToken: string) {
  const bytes = Buffer.from(toBinary(SignalRequestSchema, create(SignalRequestSchema, { identityToken })));
  return { what, isBinary: true, bytes };
}

/** What a server refuses by the session token, and each identity token that it gets. */
function callsTo(server: Server, speech: Speech, costs: Costs): TableCall[] {
  const { port } = targets[server];
  const { signal } = SignalService.method;
  const forged = { authorization: `Bearer ${"a".repeat(22)}.${"a".repeat(43)}` };
  return [
    ["Signal | bad token", costs, callOf(signal, speech, port, forged, nothing)],
    ["Leave | no token", costs, callOf(MatchService.method.leave, speech, port, {}, nothing)],
    ...refused
      .filter(({ to }) => to === server)
      .map(({ what, token }): TableCall => {
        return [`Signal | ${what}`, costs, callOf(signal, speech, port, {}, bodyOf(what, token))];
      }),
  ];
}

/** Uses up the limit of refused tokens, with those that take longest. */
async function fillUp(): Promise<void> {
  const costs = new Costs(targets.full, MAX_REFUSED);
  const { token = "" } = refused.findLast(({ to }) => to === "full") ?? {};
  await costs.round(callOf(SignalService.method.signal, speeches[0], targets.full.port, {}, bodyOf("the last", token)));
  costs.close();
}

describe("a refused identity token costs at most four times the CPU time of the cheapest refused call, in gRPC-Web six times", () => {
  it.each(speeches.flatMap((speech) => servers.map((server) => ({ speech, server, name: speech.name }))))(
    "in $name, on the server with $server",
    async ({ speech, server, name }) => {
      const costs = new Costs(targets[server], CALLS);
      const calls = callsTo(server, speech, costs);
      for (let round = 0; round < WARM_UP; round++) for (const [, , call] of calls) await costs.round(call);
      const mostTimes = speech.name === "gRPC-Web" ? 6 : undefined;
      const rows = await measure(calls, mostTimes);
      costs.close();
      print(`identity, ${name}, ${server}`, rows);
      expectCheap(rows, mostTimes);
    },
    600_000,
  );
});

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Certificate, makeCertificate } from "../../support/certificate.js";
import type { Closer } from "../redis/closing.js";
import type { Network, Topology } from "./network.js";

const SECRET = "first-frame";
const [OUR_PORT, PLAIN_PORT, TURN_PORT] = [3001, 3002, 3478];

/** Where the two pages are. */
export interface Pages {
  ours: string;
  plain: string;
}

type Later = (closer: Closer) => void;

/** Starts a program on a host of the network, and waits until it prints a text. */
async function startOn(
  command: string[],
  { env = {}, ready, cwd }: { env?: NodeJS.ProcessEnv; ready: string; cwd?: string },
  later: Later,
): Promise<void> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    cwd,
  });
  later(async () => {
    if (child.exitCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  let printed = "";
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${args.join(" ")} ended with ${String(code)}: ${printed}`)));
    for (const output of [child.stdout, child.stderr]) {
      output.on("data", (chunk: Buffer) => {
        printed = (printed + String(chunk)).slice(-10_000);
        if (printed.includes(ready)) resolve();
      });
    }
  });
}

/** Starts the TURN server, our server and the plain one, with the same STUN and TURN servers for both. */
export async function startServers(network: Network, topology: Topology, later: Later): Promise<Pages> {
  const certificate = await makeCertificate();
  later(() => rm(certificate.folder, { recursive: true }));
  await startTurn(network, later);
  const address = `${network.turnAddress}:${String(TURN_PORT)}`;
  const stun = `stun:${address}`;
  const turn = topology === "symmetric NAT" ? `turn:${address}?transport=udp` : "";
  await startOurs(
    network,
    certificate,
    { STUN_URLS: stun, ...(turn && { TURN_URLS: turn, TURN_SECRET: SECRET }) },
    later,
  );
  await startPlain(network, certificate, later);
  const iceServers = [{ urls: stun }, ...(turn ? [{ urls: turn, ...turnCredential() }] : [])];
  const query = `?ice=${encodeURIComponent(JSON.stringify(iceServers))}`;
  const urlAt = (port: number) => `https://${network.serverAddress}:${String(port)}/`;
  return { ours: urlAt(OUR_PORT), plain: urlAt(PLAIN_PORT) + query };
}

/** A credential for a day, as our server makes them. */
function turnCredential(): { username: string; credential: string } {
  const username = `${String(Math.floor(Date.now() / 1000) + 86_400)}:plain`;
  return { username, credential: createHmac("sha1", SECRET).update(username).digest("base64") };
}

async function startTurn(network: Network, later: Later): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-turn-"));
  later(() => rm(folder, { recursive: true }));
  const { turnAddress } = network;
  const listening = ["--listening-ip", turnAddress, "--listening-port", String(TURN_PORT), "--relay-ip", turnAddress];
  const auth = ["--use-auth-secret", "--static-auth-secret", SECRET, "--realm", "bench"];
  const plain = ["--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout", "--simple-log", "--verbose"];
  const files = ["--pidfile", join(folder, "pid"), "--userdb", join(folder, "db")];
  const command = [...network.on("turn"), "turnserver", "-n", ...listening, ...auth, ...plain, ...files];
  await startOn(command, { ready: "UDP listener opened on", cwd: folder }, later);
}

async function startOurs(
  network: Network,
  { certFile, keyFile }: Certificate,
  variables: Record<string, string>,
  later: Later,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-bench-"));
  later(() => rm(folder, { recursive: true }));
  const env = {
    ...{ NODE_ENV: "test", PORT: String(OUR_PORT), INTERNAL_PORT: "0", DATA_DIR: folder },
    ...{ TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, MAX_LOOP_DELAY_MS: "10000" },
    ...{ RATE_LIMIT_MAX_REQUESTS: "100000", MAX_CONNECTIONS_PER_IP: "1000" },
    ...variables,
  };
  const main = fileURLToPath(new URL("../../../dist/server/main.js", import.meta.url));
  await startOn([...network.on("server"), process.execPath, main], { env, ready: "Satoshigle is up" }, later);
}

async function startPlain(network: Network, { certFile, keyFile }: Certificate, later: Later): Promise<void> {
  const program = fileURLToPath(new URL("./plain-server.ts", import.meta.url));
  const args = ["--import", "tsx", program, String(PLAIN_PORT), certFile, keyFile];
  await startOn([...network.on("server"), process.execPath, ...args], { ready: "up" }, later);
}

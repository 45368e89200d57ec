import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import type { Config } from "../config.js";
import type { Receiver } from "../app/webhooks.js";
import { receiversOf } from "../webhooks.js";
import { about, type Finding, reasonOf } from "./finding.js";

const { ok, warn, fail } = about("webhooks");
/** How long a receiver may take to accept a connection, in milliseconds. */
const TIMEOUT_MS = 4_000;
const DAY_MS = 86_400_000;
/** Certificates are renewed a month ahead; less than this is left only if that failed. */
const LOW_DAYS = 14;

/** Connects to each receiver of webhooks. Nothing is posted: a receiver would take it for an event. */
export async function checkWebhooks({ WEBHOOK_URLS: urls }: Config): Promise<Finding[]> {
  if (urls.length === 0) return [ok("not used: no events are posted (WEBHOOK_URLS)")];
  return Promise.all(receiversOf(urls).map((receiver) => checkReceiver(receiver)));
}

/** @param ca also trusts this certificate */
export async function checkReceiver({ url, name }: Pick<Receiver, "url" | "name">, ca?: string): Promise<Finding> {
  try {
    const startMs = performance.now();
    const expiresMs = await reach(new URL(url), ca);
    const text = `${name} accepts connections, in ${(performance.now() - startMs).toFixed(0)} ms`;
    if (expiresMs === undefined) return ok(`${text}; nothing was posted`);
    const days = Math.floor((expiresMs - Date.now()) / DAY_MS);
    const valid = `${text}, and has a certificate that is valid for ${String(days)} days`;
    return days < LOW_DAYS ? warn(valid, "have it renewed") : ok(`${valid}; nothing was posted`);
  } catch (error) {
    const secure = url.startsWith("https:") ? ", and that its certificate is valid for this name" : "";
    const advice = `check host and port in WEBHOOK_URLS, that the receiver runs, that the firewall lets this machine out${secure}`;
    return fail(`${name} cannot be reached: ${reasonOf(error)}`, advice);
  }
}

/** Returns when the certificate expires; undefined without one. @throws Error */
async function reach({ protocol, hostname, port }: URL, ca: string | undefined): Promise<number | undefined> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket =
    protocol === "https:"
      ? connectTls({ host, port: Number(port) || 443, ...servername, ...(ca !== undefined && { ca }) })
      : connect({ host, port: Number(port) || 80 });
  try {
    await opened(socket);
    return socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : undefined;
  } finally {
    socket.destroy();
  }
}

async function opened(socket: Socket): Promise<void> {
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no connection within ${String(TIMEOUT_MS / 1000)} s`));
  }, TIMEOUT_MS);
  try {
    await once(socket, socket instanceof TLSSocket ? "secureConnect" : "connect");
  } finally {
    clearTimeout(timer);
  }
}

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Config, variables } from "../config.js";
import { settingsFrom } from "../settings.js";
import { about, type Finding, reasonOf } from "./finding.js";
import { openEventStream } from "./stream.js";

const { ok, warn, fail } = about("page");
const clockFinding = about("clock");

/** How long the page and the stream may take, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** The first event follows the head of a stream at once; what takes longer was held back. */
const UNBUFFERED_MS = 1_000;
/** The header `Date` has whole seconds, and the answer was on its way for a while. */
const DATE_ERROR_MS = 2_000;

/** Opens the page and the stream of each origin, the way that people come: through names, balancers and proxies. */
export async function checkPages(config: Config, urls: readonly string[]): Promise<Finding[]> {
  const origins = urls.length > 0 ? urls : originsOf(config);
  return (await Promise.all(origins.map((origin) => checkPage(origin.replace(/\/+$/, ""), config)))).flat();
}

/** The origins that the operator set; without one, that of the server itself. */
function originsOf(config: Config): readonly string[] {
  const origins = [...config.CLIENT_URL, ...config.CLIENT_IP_URL].filter((one) => one !== variables.CLIENT_URL.default);
  const scheme = config.TLS_CERT_FILE === "" ? "http" : "https";
  return origins.length > 0 ? origins : [`${scheme}://localhost:${String(config.PORT)}`];
}

async function checkPage(origin: string, config: Config): Promise<Finding[]> {
  try {
    const startMs = Date.now();
    const response = await fetch(origin, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "manual" });
    const page = await response.text();
    const found = await describePage(origin, response.status, page, config);
    return [found, ...compareClocks(origin, response, startMs), await checkStream(origin, config)];
  } catch (error) {
    const advice = "start the server, and check its name, the firewall, the balancer and its certificate";
    return [fail(`${origin} cannot be opened: ${reasonOf(error)}`, advice)];
  }
}

async function describePage(origin: string, status: number, page: string, config: Config): Promise<Finding> {
  if (status >= 300) {
    const advice = status >= 500 ? "see the logs of the balancer and the server" : "see the rules of the balancer";
    return fail(`${origin} answers with ${String(status)}`, advice);
  }
  const own = await readFile(join(settingsFrom(config).public.page.root, "index.html"), "utf8").catch(() => "");
  if (bundleOf(page) === bundleOf(own)) return ok(`${origin} serves the page of this version`);
  if (bundleOf(page) !== "" && page.includes("satoshigle-path")) {
    const text = `${origin} serves the page of another version`;
    return warn(text, "finish the deployment, and let the balancer or CDN cache no HTML");
  }
  return ok(`${origin} serves a page of your own`);
}

/** The names of the files that a built page loads, which contain a hash of their content. */
function bundleOf(page: string): string {
  const files = page.match(/(?<=(?:src|href)=")[^"]+\.(?:js|css)(?=")/g) ?? [];
  return files.length === 0 ? "" : createHash("sha256").update(files.sort().join()).digest("hex");
}

function compareClocks(origin: string, response: Response, startMs: number): Finding[] {
  const dateMs = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(dateMs)) return [];
  const skewMs = Math.max(startMs - dateMs - DATE_ERROR_MS, 0) || Math.min(Date.now() - dateMs + DATE_ERROR_MS, 0);
  if (skewMs === 0) return [clockFinding.ok(`the clock of this machine matches that of ${origin}`)];
  const side = skewMs > 0 ? "ahead of" : "behind";
  const text = `the clock of this machine is ${(Math.abs(skewMs) / 1000).toFixed(0)} s ${side} that of ${origin}`;
  return [clockFinding.warn(text, "synchronize both with NTP: TURN credentials and invoices expire by the clock")];
}

async function checkStream(origin: string, config: Config): Promise<Finding> {
  const url = `${origin}${config.SOCKET_PATH}/satoshigle.v1.SignalService/Signal`;
  const stream = await openEventStream(url, origin, TIMEOUT_MS);
  switch (stream.state) {
    case "refused":
      return fail(`${origin}: the stream is refused: ${stream.text}`, adviceFor(stream.status, stream.text, origin));
    case "foreign":
      return warn(`${origin} has no stream: the server is elsewhere`, "pass its address: satoshigle check --url <url>");
    case "held":
      return fail(`${origin}: the events of the stream are held back`, BUFFERING);
    case "open": {
      const took = `the first event after ${stream.firstEventMs.toFixed(0)} ms`;
      if (stream.heldMs > UNBUFFERED_MS) return warn(`${origin}: the stream delivers ${took}`, BUFFERING);
      return ok(`${origin}: the stream delivers ${took}`);
    }
  }
}

const BUFFERING =
  "turn off buffering of responses in the proxy: `proxy_buffering off` in nginx, `flush_interval -1` in Caddy, no " +
  "wait-for-body in HAProxy, no compression";

function adviceFor(status: number, text: string, origin: string): string {
  if (text.includes("origin")) return `add ${origin} to CLIENT_URL`;
  if (status === 421) return `add the name of ${origin} to HOSTS, and let the proxy pass the header Host on`;
  if (text.includes("busy") || text.includes("too many")) return "the server is at its limits: see its log and metrics";
  return "see the logs of the balancer and the server";
}

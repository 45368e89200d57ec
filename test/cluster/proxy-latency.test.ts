import { createConnectTransport } from "@connectrpc/connect-node";
import { describe, expect } from "vitest";
import { median } from "../bench/statistics.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { candidate, pair } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { type ClusterFixture, it } from "./support/cluster-fixture.js";
import { documented, type ProxyName, ReverseProxy } from "./support/reverse-proxy.js";

const EVENTS = 40;
/**
 * A proxy that waits for more to send keeps each event back for 40 to 200 ms. A busy machine delays some events, but not
 * every one.
 */
const KEPT_BACK_MS = 30;

type Version = "1.1" | "2";

/**
 * The times from sending a signal to its delivery through a proxy that is configured as documented, but for a change, in
 * milliseconds. The sender has no proxy.
 */
async function latencies(
  fixture: ClusterFixture,
  name: ProxyName,
  httpVersion: Version,
  isSecure = true,
  change = same,
) {
  const server = await fixture.keep(ServerProcess.start({ TRUST_PROXY: "loopback" }));
  const proxy = await fixture.keep(
    ReverseProxy.start(name, async (port, tls) => change(await documented(name, port, [server.url], tls))),
  );
  const baseUrl = isSecure ? proxy.secureUrl : proxy.url;
  const through = createConnectTransport({ baseUrl, httpVersion, nodeOptions: { rejectUnauthorized: false } });
  const { offerer, answerer, matchId } = await pair(transportTo(server.url), {}, { answerer: through });
  const all: number[] = [];
  for (let index = 1; index <= EVENTS; index++) {
    const startMs = performance.now();
    const sent = offerer.send({ matchId, clientSequence: index, signals: [candidate(index)] });
    await answerer.until("signalReceived");
    all.push(performance.now() - startMs);
    await sent;
  }
  await Promise.all([offerer.break(), answerer.break()]);
  return all;
}

const same = (text: string) => text;

describe("the documented configuration", () => {
  it.for<[ProxyName, Version]>([
    ["haproxy", "1.1"],
    ["haproxy", "2"],
    ["nginx", "1.1"],
    ["nginx", "2"],
    ["caddy", "1.1"],
    ["caddy", "2"],
  ])("of %s keeps no event back over HTTP/%s", async ([name, version], { fixture }) => {
    const all = await latencies(fixture, name, version);
    process.stdout.write(`an event through ${name} over HTTP/${version}: median ${median(all).toFixed(1)} ms\n`);
    expect(Math.min(...all)).toBeLessThan(KEPT_BACK_MS);
  });

  it("of HAProxy needs its option http-no-delay, at least without TLS", async ({ fixture }) => {
    const plain = (text: string) =>
      text.replace(/ ssl crt .*/, "").replace("option http-no-delay", "no option http-no-delay");
    expect(median(await latencies(fixture, "haproxy", "1.1", false, plain))).toBeGreaterThan(KEPT_BACK_MS);
  });
});

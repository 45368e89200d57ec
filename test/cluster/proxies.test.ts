import { once } from "node:events";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { CallPage } from "../e2e/support/call-page.js";
import { launchBrowser } from "../e2e/support/chromium.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { freePort } from "../support/ports.js";
import { documented, type ProxyName, ReverseProxy } from "./support/reverse-proxy.js";
import { it, type ClusterFixture } from "./support/cluster-fixture.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser("--ignore-certificate-errors");
});
afterAll(() => browser.close());

const trusting = { TRUST_PROXY: "loopback" };

/** Two people at this address meet, see each other, and one goes on. */
async function expectCalls(url: string): Promise<void> {
  const [ann, bob] = [await CallPage.arrive(browser, url), await CallPage.arrive(browser, url)];
  await ann.start();
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await ann.next();
  await bob.untilStatus("Your partner moved on.");
  expect([...ann.pageErrors, ...bob.pageErrors]).toEqual([]);
  await Promise.all([ann.leaveForGood(), bob.leaveForGood()]);
}

/** A person at this address presses Start; returns what the page then shows as a problem. */
async function problemAt(url: string): Promise<string> {
  const person = await CallPage.arrive(browser, url);
  await person.start();
  const notice = person.at("notice");
  await notice.waitFor({ timeout: 30_000 });
  const text = await notice.innerText();
  await person.leaveForGood();
  return text;
}

/** What a server says that an operator should change. */
function adviceOf(server: ServerProcess): string[] {
  const warnings = server.output.split("\n").filter((line) => line.includes('"level":40'));
  const sentences = warnings.map((line) => (JSON.parse(line) as { msg: string }).msg);
  return sentences.filter((sentence) => !sentence.includes("SESSION_SECRET"));
}

/** nginx that passes all on, as its manual begins: with HTTP/1.0, the name of the server as host, and large buffers. */
function passingOn(target: string, isSecure: boolean, more = "") {
  const address = target.replace("localhost", "127.0.0.1");
  return (port: number, { certFile, keyFile }: { certFile: string; keyFile: string }) => {
    const tls = isSecure ? `ssl http2; ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}` : "";
    const listen = `listen 127.0.0.1:${String(port)} ${tls};`;
    return `server { ${listen} location / { proxy_pass ${address}; ${more} } }`;
  };
}

/** A server whose CLIENT_URL is the address of nginx in front of it. */
async function behindNginx(fixture: ClusterFixture, isSecure: boolean, more?: string) {
  const port = await freePort();
  const url = `${isSecure ? "https" : "http"}://localhost:${String(port)}`;
  const server = await fixture.keep(ServerProcess.start({ CLIENT_URL: url }));
  await fixture.keep(ReverseProxy.start("nginx", passingOn(server.url, isSecure, more), port));
  return { server, url };
}

describe("the documented configuration, with TLS", () => {
  it.for<ProxyName>(["haproxy", "nginx", "caddy"])(
    "of %s connects two pages, and the server has nothing to say",
    async (name, { fixture }) => {
      const server = await fixture.keep(ServerProcess.start(trusting));
      const configure = (port: number, tls: Parameters<typeof documented>[3]) =>
        documented(name, port, [server.url], tls);
      const proxy = await fixture.keep(ReverseProxy.start(name, configure));
      await expectCalls(proxy.secureUrl);
      expect(adviceOf(server)).toEqual([]);
    },
  );
});

describe("nginx with proxy_pass alone", () => {
  it.for([false, true])("connects two pages whose origin is allowed (TLS: %s)", async (isSecure, { fixture }) => {
    await expectCalls((await behindNginx(fixture, isSecure)).url);
  });

  it.for([false, true])("that buffers all the same is named by the page (TLS: %s)", async (isSecure, { fixture }) => {
    const { url } = await behindNginx(fixture, isSecure, "proxy_ignore_headers X-Accel-Buffering;");
    const problem = await problemAt(url);
    expect(problem).toContain("held back");
    expect(problem).not.toContain("tabs");
  });

  it("makes the server say that the host is missing, and the page that its address is not allowed", async ({
    fixture,
  }) => {
    const server = await fixture.keep(ServerProcess.start(trusting));
    const proxy = await fixture.keep(ReverseProxy.start("nginx", passingOn(server.url, false)));
    expect(await problemAt(proxy.url)).toContain("not allowed");
    expect(adviceOf(server)).toContainEqual(
      expect.stringContaining(`make it pass the host on (see docs/scaling.md), or add ${proxy.url} to CLIENT_URL`),
    );
  });
});

describe("what is forgotten", () => {
  const site =
    (target: string, more: string) =>
    (port: number, { folder }: { folder: string }) =>
      [
        "defaults\n  mode http\n  timeout connect 2s\n  timeout client 60s\n  timeout server 60s",
        `frontend public\n  bind 127.0.0.1:${String(port)} ssl crt ${folder}/both.pem alpn h2,http/1.1\n  ${more}\n  default_backend one`,
        `backend one\n  server one 127.0.0.1:${new URL(target).port}\n`,
      ].join("\n");

  it("X-Forwarded-Proto: the server's own page works behind HAProxy with TLS", async ({ fixture }) => {
    const server = await fixture.keep(ServerProcess.start(trusting));
    const proxy = await fixture.keep(ReverseProxy.start("haproxy", site(server.url, "option forwardfor")));
    await expectCalls(proxy.secureUrl);
    expect(adviceOf(server)).toEqual([]);
  });

  it("TRUST_PROXY: pages work, and the server says once what to set", async ({ fixture }) => {
    const server = await fixture.keep(ServerProcess.start());
    const proxy = await fixture.keep(ReverseProxy.start("haproxy", site(server.url, "option forwardfor")));
    await expectCalls(proxy.secureUrl);
    expect(adviceOf(server)).toEqual([expect.stringContaining("set TRUST_PROXY to loopback")]);
  });

  it("X-Forwarded-For: pages work, and the server says once what to set", async ({ fixture }) => {
    const server = await fixture.keep(ServerProcess.start(trusting));
    const proxy = await fixture.keep(ReverseProxy.start("haproxy", site(server.url, "")));
    await expectCalls(proxy.secureUrl);
    expect(adviceOf(server)).toEqual([expect.stringContaining("configure it to send X-Forwarded-For")]);
  });
});

describe("150 connections of nginx that were idle for 11 s", () => {
  const COUNT = 150;

  async function statusOf(port: number, agent: http.Agent): Promise<number> {
    const headers = { "content-type": "application/json" };
    const request = http.request({
      host: "127.0.0.1",
      port,
      path: "/satoshigle.v1.MatchService/Leave",
      method: "POST",
      headers,
      agent,
    });
    request.end("{}");
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    await once(response.resume(), "end");
    return response.statusCode ?? 0;
  }

  it("carry 150 calls, of which none is answered with 502", async ({ fixture }) => {
    const server = await fixture.keep(ServerProcess.start({ ...trusting, RATE_LIMIT_MAX_REQUESTS: "100000" }));
    const configure = (port: number, tls: Parameters<typeof documented>[3]) =>
      documented("nginx", port, [server.url], tls).then((text) =>
        text.replace("keepalive 64", "keepalive 256").replace(/listen .*;/, `listen 127.0.0.1:${String(port)};`),
      );
    const { port } = await fixture.keep(ReverseProxy.start("nginx", configure));
    const agent = new http.Agent({ keepAlive: true, maxSockets: COUNT });
    const calls = (startsMs: (index: number) => number) =>
      Promise.all(
        Array.from({ length: COUNT }, (_, index) => sleep(startsMs(index)).then(() => statusOf(port, agent))),
      );
    expect(new Set(await calls(() => 0))).toEqual(new Set([401]));
    const later = await calls((index) => 10_500 + index * 10); // around the moment at which Node.js closes after 10 s
    expect(later.filter((status) => status === 502)).toEqual([]);
    agent.destroy();
  });
});

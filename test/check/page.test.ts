import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { runCommand } from "../../src/commands.js";
import { freePort } from "../support/ports.js";
import { startServer, type TestServer } from "../support/server.js";
import { outcomeOf, temporaryFolder } from "./support.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** A real HAProxy in front of the server. Returns its URL. */
async function behindHaproxy(...rules: string[]): Promise<string> {
  const port = await freePort();
  const file = join(await temporaryFolder(), "haproxy.cfg");
  const lines = [
    "defaults",
    "  mode http",
    "  timeout connect 5s\n  timeout client 60s\n  timeout server 60s",
    "listen satoshigle",
    `  bind 127.0.0.1:${String(port)}`,
    ...rules.map((rule) => `  ${rule}`),
    `  server one 127.0.0.1:${String(server.port)}`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  const child = spawn("haproxy", ["-db", "-q", "-f", file], { stdio: ["ignore", "ignore", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await vi.waitFor(
    async () => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.destroy();
    },
    { timeout: 10_000, interval: 25 },
  );
  return `http://127.0.0.1:${String(port)}`;
}

/** A page of somebody else, which answers like this. Returns its URL. */
async function otherPage(status: number, body: string, headers: Record<string, string> = {}): Promise<string> {
  const other = createServer((_request, response) => void response.writeHead(status, headers).end(body));
  await once(other.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void other.close());
  return `http://127.0.0.1:${String((other.address() as AddressInfo).port)}`;
}

describe("the page", () => {
  it("is opened through a balancer, with the version, the clock and the first event of its stream", async () => {
    const { on } = await outcomeOf({}, await behindHaproxy());
    expect(on("page")).toEqual([
      expect.stringMatching(/^ok .* serves the page of this version$/),
      expect.stringMatching(/^ok .* the stream delivers the first event after \d+ ms$/),
    ]);
    expect(on("clock")).toEqual([expect.stringMatching(/^ok the clock of this machine matches that of http/)]);
  });

  it("fails when the balancer holds the stream back", async () => {
    const url = await behindHaproxy("http-response wait-for-body time 30s at-least 1m");
    const { on, exitCode } = await outcomeOf({}, url);
    expect(on("page")).toContainEqual(
      expect.stringMatching(/^fail .*events of the stream are held back → turn off buffering/),
    );
    expect(exitCode).toBe(1);
  }, 30_000);

  it("fails when the balancer gives up on the stream", async () => {
    const { on } = await outcomeOf({}, await behindHaproxy("http-response wait-for-body time 2s at-least 1m"));
    expect(on("page", "fail")).toEqual([expect.stringMatching(/the stream is refused: 504 → see the logs/)]);
  }, 30_000);

  it("fails when no server is behind the balancer", async () => {
    const { on } = await outcomeOf({}, await behindHaproxy("http-request return status 503"));
    expect(on("page")).toContainEqual(expect.stringMatching(/^fail .* answers with 503 → see the logs/));
  });

  it("fails when nothing listens", async () => {
    const { on } = await outcomeOf({}, `http://127.0.0.1:${String(await freePort())}`);
    expect(on("page")).toEqual([
      expect.stringMatching(/^fail .* cannot be opened: nothing listens .* → start the server/),
    ]);
  });

  it("fails when the server does not accept the host, and when it does not accept the origin", async () => {
    const url = await behindHaproxy("http-request set-header host evil.example");
    const { on } = await outcomeOf({}, url);
    expect(on("page").join()).toMatch(/fail .*421.* → .*HOSTS/);
    const other = await behindHaproxy("http-request set-header origin http://evil.example");
    expect((await outcomeOf({}, other)).on("page").join()).toMatch(
      /fail .*stream is refused: .*origin.* → add .* to CLIENT_URL/,
    );
  });

  it("warns of a page of another version, and of a page without the stream", async () => {
    const old = await otherPage(
      200,
      '<meta name="satoshigle-path" content=""><script src="/assets/old-123.js"></script>',
    );
    expect((await outcomeOf({}, old)).on("page", "warn")).toEqual([
      expect.stringMatching(/serves the page of another version → finish the deployment/),
      expect.stringMatching(/has no stream: the server is elsewhere → pass its address: satoshigle check --url/),
    ]);
    expect((await outcomeOf({}, await otherPage(200, "hello"))).on("page", "ok")).toEqual([
      expect.stringContaining("serves a page of your own"),
    ]);
  });

  it("warns when the clock of its server differs", async () => {
    const late = await otherPage(200, "hello", { date: new Date(Date.now() - 60_000).toUTCString() });
    expect((await outcomeOf({}, late)).on("clock")).toEqual([
      expect.stringMatching(/^warn the clock of this machine is (5[5-9]|6\d) s ahead of that of http.* → synchronize/),
    ]);
  });
});

describe("the command", () => {
  it("refuses options that it does not have", async () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const foreign = ["transparency --json", "transparency x", "backup --from f", "--statements", "report"];
    for (const args of [
      "check x",
      "check --replace",
      "check --url nonsense",
      "--json",
      "backup --json f",
      ...foreign,
    ]) {
      expect(await runCommand(args.split(" "), () => Promise.reject(new Error()) as never)).toBe(2);
    }
    expect(write).toHaveBeenCalledTimes(10);
  });
});

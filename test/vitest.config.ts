import { defineConfig } from "vitest/config";
import { clientSource } from "../src/demo/vite.config.js";
import { newestLts } from "./support/newest-lts.js";

/** Tests of a real process that are outside the folder for such tests. */
const ofProcesses = [
  "test/main.test.ts",
  "test/disk/**/*.test.ts",
  "test/runtimes/**/*.test.ts",
  "test/check/{ice,page}.test.ts",
];

/** Tests that pack the packages, install them and start them outside the repository. */
const packages = {
  test: {
    name: "packages",
    include: ["test/packages/**/*.test.ts"],
    globalSetup: ["test/packages/support/setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    sequence: { groupOrder: 5 },
  },
};

/**
 * Runs each attack three times: against a standalone server, a server with Redis, and a server behind HAProxy. Each
 * server runs in its own process, whose memory and CPU time are measured. Two workers at a time do not distort these
 * figures, as most of the time is spent waiting for a limit.
 */
const attacks = Object.entries({ attacks: "memory", "attacks-redis": "redis", "attacks-haproxy": "haproxy" }).map(
  ([name, attacked]) => ({
    test: {
      name,
      include: ["test/attacks/**/*.test.ts"],
      globalSetup: ["test/attacks/support/setup.ts"],
      env: { ATTACKED: attacked },
      testTimeout: 60_000,
      hookTimeout: 60_000,
      maxConcurrency: 20, // most tests wait for a limit
      maxWorkers: 2,
      sequence: { groupOrder: 4 },
    },
  }),
);

/**
 * The groups run sequentially. CPU-intensive tests run first, so that they do not slow down calls between browsers.
 * Tests that wait ten seconds or more for a lease or a window to expire run concurrently with others in their file.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "checks",
          include: ["test/checks/**/*.test.ts"],
          testTimeout: 180_000,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: { alias: clientSource }, // tests the page's modules without a build
        test: {
          name: "server",
          include: ["test/**/*.test.ts"],
          exclude: [
            "test/checks/**",
            "test/e2e/**",
            "test/cluster/**",
            "test/attacks/**",
            "test/packages/**",
            "test/deploy/**",
            ...ofProcesses,
          ],
          globalSetup: ["test/support/setup.ts"],
          testTimeout: 30_000,
          deps: { interopDefault: false }, // imports CommonJS modules as Node.js does
          isolate: false, // one process loads the server once and runs many files
          unstubGlobals: true,
          restoreMocks: true,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Repeats the protocol suites without the fast path, with every call served by the Connect library.
        test: {
          name: "library",
          include: ["protocols", "bad-input", "bad-body", "bad-token", "origin", "matches", "relay", "curl"].map(
            (name) => `test/rpc/${name}.test.ts`,
          ),
          env: { DIRECT_PATH: "false" },
          globalSetup: ["test/support/setup.ts"],
          testTimeout: 30_000,
          deps: { interopDefault: false },
          isolate: false,
          unstubGlobals: true,
          restoreMocks: true,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Repeats what depends on HTTP and on the runtime most on the newest Node.js. The tests run on the oldest supported.
        test: {
          name: "newest-lts",
          include: [
            ...["http2", "cut-upload", "direct", "pipelining", "streams", "protocols", "tips"].map(
              (name) => `test/rpc/${name}.test.ts`,
            ),
            "test/contract/memory.test.ts",
            "test/contract/lmdb.test.ts",
          ],
          pool: newestLts,
          globalSetup: ["test/support/setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          deps: { interopDefault: false },
          isolate: false,
          unstubGlobals: true,
          restoreMocks: true,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "deploy",
          include: ["test/deploy/**/*.test.ts"],
          globalSetup: ["test/deploy/support/setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          deps: { interopDefault: false },
          maxWorkers: 2,
          sequence: { groupOrder: 6 },
        },
      },
      ...attacks,
      packages,
      {
        test: {
          name: "browser",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/support/setup.ts"],
          testTimeout: 90_000,
          hookTimeout: 60_000,
          maxWorkers: 2, // a call between two pages uses a third of such a machine
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts", ...ofProcesses],
          globalSetup: ["test/cluster/support/setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 2, // two tests with their servers use two cores
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});

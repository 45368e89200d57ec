import { defineConfig } from "vitest/config";
import { clientSource } from "../src/demo/vite.config.js";

/** Tests of a real process, outside the folder of such tests. */
const ofProcesses = ["test/main.test.ts", "test/disk/**/*.test.ts"];

/** What is packed, installed and started outside the repository. */
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
 * Each attack three times: on a server in memory, on one with Redis, and on one behind HAProxy. Every server is in a
 * process of its own, which tells its memory and its processor time: two at a time change neither, and most of the time
 * goes by in waiting for a limit.
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
      maxConcurrency: 20, // most of them wait for a limit
      maxWorkers: 2,
      sequence: { groupOrder: 4 },
    },
  }),
);

/**
 * Groups, one after the other: what computes goes first, so that it slows down no call between browsers. Tests that
 * wait ten seconds and more, for a lease or a window to pass, do so beside others of their file.
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
        resolve: { alias: clientSource }, // the page's modules are tested without a build
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
          deps: { interopDefault: false }, // modules of CommonJS look as they do to Node.js
          isolate: false, // a process that loads the server once runs many files
          unstubGlobals: true,
          restoreMocks: true,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Suites of the protocol once more, with every call served by the library.
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
          maxWorkers: 2, // a call between two pages takes a third of this kind of machine
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
          maxWorkers: 2, // two crowds with their fleets fill two cores
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});

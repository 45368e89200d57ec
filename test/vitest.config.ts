import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { clientSource } from "../src/demo/vite.config.js";
import { LongestFirst } from "./support/longest-first.js";
import { newestLts } from "./support/newest-lts.js";
import { PATIENCE_MS } from "./support/patience.js";

type TestOptions = NonNullable<TestProjectInlineConfiguration["test"]>;

/**
 * Runs the processes that a server starts from the build: with a compiler in each, they would take most of the time of
 * the tests that start servers.
 */
const builtProcesses = {
  "./own-process.js": fileURLToPath(new URL("../dist/server/own-process.js", import.meta.url)),
};

/** Tests of a real process that are outside the folder for such tests. */
const ofProcesses = [
  "test/main.test.ts",
  "test/disk/**/*.test.ts",
  "test/runtimes/**/*.test.ts",
  "test/check/{ice,page}.test.ts",
];

/**
 * What all projects share. The timeouts only end what hangs: no test depends on how busy the machine is, and a limit of
 * the server that a test is about is checked by the test.
 */
const patient = {
  testTimeout: 900_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: PATIENCE_MS, interval: 25 } },
} satisfies TestOptions;

/** Imports CommonJS modules as Node.js does. */
const asInNode = { deps: { interopDefault: false } } satisfies TestOptions;

/** One process loads the server once and runs many files. */
const inOneProcess = {
  ...patient,
  isolate: false,
  unstubGlobals: true,
  restoreMocks: true,
} satisfies TestOptions;

/** The first group of projects keeps the processors busy. */
const busy = { maxWorkers: 3, sequence: { groupOrder: 1 } } satisfies TestOptions;

/**
 * A busy machine stops a browser's media, or several servers at once, for seconds. The report names each test that was
 * repeated.
 */
const repeated = { retry: 1 } satisfies TestOptions;

/**
 * The second group attacks servers, and mostly waits for a limit or a window to end. More workers than processors run
 * it, and tests that wait for ten seconds or more run concurrently with others in their file.
 */
const attacking = { ...repeated, maxWorkers: 5, sequence: { groupOrder: 2 } } satisfies TestOptions;

/** The third group starts several servers in each test, which would not keep their leases beside the attacks. */
const waiting = {
  ...repeated,
  testTimeout: 420_000, // what hangs is repeated
  maxWorkers: 3,
  maxConcurrency: 4,
  sequence: { groupOrder: 3 },
} satisfies TestOptions;

/** The fourth group runs browsers, which would take the processors from the servers of the third. */
const browsing = { ...repeated, maxWorkers: 3, sequence: { groupOrder: 4 } } satisfies TestOptions;

/** Tests of several instances, with browsers. */
const withBrowsers = ["test/cluster/{browsers,proxies}.test.ts"];

/** Attacks on the internal listener, through the server's own connections, and on its CPU time alone. */
const pastProxies = [
  "slow-watchers",
  "webhooks",
  "refusals",
  "identity-refusals",
  "forged-operators",
  "report-everybody",
];
/** Valid calls that the server refuses or answers by its own rules: a proxy passes them on as they are. */
const throughProxies = [
  "after-report",
  "avoid-lists",
  "baseline",
  "budget-drain",
  "challenges",
  "evidence",
  "false-receipts",
  "fuzz",
  "poison",
  "session-fill",
  "silent-offerer",
];
/** Connections and calls that are refused before a store is asked. */
const beforeStores = [
  "bodies",
  "crowds",
  "forged-operators",
  "handshakes",
  "http2",
  "identity-refusals",
  "poison",
  "rebinding",
  "refusals",
];

/**
 * Runs each attack three times: against a standalone server, a server with Redis, and a server behind HAProxy. Each
 * server runs in its own process, whose memory and CPU time are measured: what else runs does not change these figures.
 * Left out is what the difference cannot reach.
 */
const attacks = [
  { name: "attacks", attacked: "memory", without: [] },
  { name: "attacks-redis", attacked: "redis", without: beforeStores },
  { name: "attacks-haproxy", attacked: "haproxy", without: [...pastProxies, ...throughProxies] },
].map(({ name, attacked, without }) => ({
  test: {
    ...inOneProcess,
    ...attacking,
    name,
    include: ["test/attacks/**/*.test.ts"],
    exclude: without.map((file) => `test/attacks/${file}.test.ts`),
    globalSetup: ["test/attacks/support/setup.ts"],
    env: { ATTACKED: attacked },
    maxConcurrency: 20, // most tests wait for a limit
  },
}));

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...patient, ...busy, name: "checks", include: ["test/checks/**/*.test.ts"] } },
      {
        resolve: { alias: { ...clientSource, ...builtProcesses } }, // tests the page's modules without a build
        test: {
          ...inOneProcess,
          ...asInNode,
          ...busy,
          name: "server",
          include: ["test/**/*.test.ts"],
          exclude: [
            "test/checks/**",
            "test/e2e/**",
            "test/cluster/**",
            "test/attacks/**",
            "test/packages/**",
            "test/deploy/**",
            "test/electrum/**",
            ...ofProcesses,
          ],
          globalSetup: ["test/support/setup.ts"],
        },
      },
      {
        // Repeats the protocol suites without the fast path, with every call served by the Connect library.
        resolve: { alias: builtProcesses },
        test: {
          ...inOneProcess,
          ...asInNode,
          ...busy,
          name: "library",
          include: ["protocols", "bad-input", "bad-body", "bad-token", "origin", "matches", "relay", "curl"].map(
            (name) => `test/rpc/${name}.test.ts`,
          ),
          env: { FAST_PATH: "false" },
          globalSetup: ["test/support/setup.ts"],
        },
      },
      {
        // Repeats on the newest LTS of Node.js what depends on the runtime most. The tests run on the oldest supported one.
        resolve: { alias: builtProcesses },
        test: {
          ...inOneProcess,
          ...busy,
          name: "newest-lts",
          include: [
            ...["http2", "cut-upload", "fast-path", "pipelining", "streams", "protocols", "tips"].map(
              (name) => `test/rpc/${name}.test.ts`,
            ),
            "test/contract/memory.test.ts",
            "test/contract/lmdb.test.ts",
          ],
          env: { FIXTURES: "10" },
          pool: newestLts,
          globalSetup: ["test/support/setup.ts"],
        },
      },
      ...attacks,
      {
        test: {
          ...inOneProcess,
          ...waiting,
          name: "cluster",
          include: ["test/cluster/**/*.test.ts", ...ofProcesses],
          exclude: withBrowsers,
          globalSetup: ["test/cluster/support/setup.ts"],
        },
      },
      {
        test: {
          ...inOneProcess,
          ...browsing,
          name: "browser",
          include: ["test/e2e/**/*.test.ts", ...withBrowsers],
          globalSetup: ["test/e2e/support/setup.ts", "test/cluster/support/setup.ts"],
        },
      },
      {
        // Packs the packages, installs them and starts them outside the repository.
        test: {
          ...patient,
          ...browsing,
          name: "packages",
          include: ["test/packages/**/*.test.ts"],
          globalSetup: ["test/packages/support/setup.ts"],
        },
      },
      {
        resolve: { alias: builtProcesses },
        test: {
          ...patient,
          ...asInNode,
          ...waiting,
          name: "deploy",
          include: ["test/deploy/**/*.test.ts"],
          globalSetup: ["test/deploy/support/setup.ts"],
        },
      },
      {
        // Tips with wallets of another maker.
        resolve: { alias: builtProcesses },
        test: {
          ...inOneProcess,
          ...asInNode,
          ...waiting,
          name: "electrum",
          include: ["test/electrum/**/*.test.ts"],
          globalSetup: ["test/electrum/support/setup.ts"],
        },
      },
    ],
  },
});

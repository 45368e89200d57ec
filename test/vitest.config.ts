import { defineConfig } from "vitest/config";

/** Four groups, one after the other, so that compilers do not slow down calls between browsers. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "checks",
          include: ["test/checks/**/*.test.ts"],
          testTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "server",
          include: ["test/**/*.test.ts"],
          exclude: ["test/checks/**", "test/e2e/**", "test/cluster/**"],
          globalSetup: ["test/support/setup.ts"],
          testTimeout: 30_000,
          deps: { interopDefault: false }, // modules of CommonJS look as they do to Node.js
          sequence: { groupOrder: 2 },
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
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/support/setup.ts"],
          testTimeout: 90_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts"],
          globalSetup: ["test/cluster/support/setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});

import { ForksPoolWorker, type PoolRunnerInitializer } from "vitest/node";
import { runtime } from "./runtimes.js";

/** A worker that runs its tests on the newest Node.js with long-term support, whatever version runs Vitest. */
class NewestLtsWorker extends ForksPoolWorker {
  override readonly name = "newest-lts";

  override async start(): Promise<void> {
    const own = process.execPath;
    process.execPath = runtime("node"); // what `fork` starts
    const started = super.start();
    process.execPath = own;
    await started;
  }
}

export const newestLts: PoolRunnerInitializer = {
  name: "newest-lts",
  createPoolWorker: (options) => new NewestLtsWorker(options),
};

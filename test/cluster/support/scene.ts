import { test } from "vitest";
import { Crowd } from "./crowd.js";
import { type ClusterFleetOptions, Fleet, type FleetOptions } from "./fleet.js";
import { Front } from "./front.js";

/** What one test starts. It belongs to this test alone, which may therefore run beside others, and ends with it. */
export class Scene {
  readonly #ends: (() => Promise<void>)[] = [];

  fleet(options?: FleetOptions): Promise<Fleet> {
    return this.keep(Fleet.start(options));
  }

  fleetOnCluster(options?: ClusterFleetOptions): Promise<Fleet> {
    return this.keep(Fleet.startOnCluster(options));
  }

  front(targets: string[]): Promise<Front> {
    return this.keep(Front.start(targets));
  }

  crowd(...who: Parameters<typeof Crowd.enter>): Promise<Crowd> {
    return this.keep(Crowd.enter(...who));
  }

  /** Ends with the test whatever is started here, too. */
  async keep<T extends { close(): Promise<void> | void }>(starting: Promise<T>): Promise<T> {
    const started = await starting;
    this.#ends.unshift(async () => started.close());
    return started;
  }

  /** Ends all, the last first, even if one of them cannot. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "not all ended");
  }
}

/** A test with a scene of its own. */
export const it = test.extend("scene", ({}, { onCleanup }) => {
  const scene = new Scene();
  onCleanup(() => scene.close());
  return scene;
});

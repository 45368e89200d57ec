import { test } from "vitest";
import { Crowd } from "./crowd.js";
import { type ClusterFleetOptions, Fleet, type FleetOptions } from "./fleet.js";
import { LoadBalancer } from "./load-balancer.js";

/** The processes of one test. No other test uses them, so tests can run concurrently. They end with the test. */
export class ClusterFixture {
  readonly #ends: (() => Promise<void>)[] = [];

  fleet(options?: FleetOptions): Promise<Fleet> {
    return this.keep(Fleet.start(options));
  }

  fleetOnCluster(options?: ClusterFleetOptions): Promise<Fleet> {
    return this.keep(Fleet.startOnCluster(options));
  }

  loadBalancer(targets: string[]): Promise<LoadBalancer> {
    return this.keep(LoadBalancer.start(targets));
  }

  crowd(...who: Parameters<typeof Crowd.enter>): Promise<Crowd> {
    return this.keep(Crowd.enter(...who));
  }

  /** Closes the started object at the end of the test. */
  async keep<T extends { close(): Promise<void> | void }>(starting: Promise<T>): Promise<T> {
    const started = await starting;
    this.#ends.unshift(async () => started.close());
    return started;
  }

  /** Closes all in reverse order, even if one of them fails. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "not all could be closed");
  }
}

/** A test with a fixture of its own. */
export const it = test.extend("fixture", ({}, { onCleanup }) => {
  const fixture = new ClusterFixture();
  onCleanup(() => fixture.close());
  return fixture;
});

import { Redis } from "ioredis";
import { RedisServer } from "../../support/redis.js";
import type { Closer } from "./closing.js";

export interface Calls {
  /** Scripts that were run, one round trip each. */
  scripts: number;
  /** Commands, inside and outside of scripts. */
  commands: number;
}

/** A separate Redis for one system, which measures its cost. */
export async function startRedis(later: (closer: Closer) => void): Promise<{ url: string; meter: RedisMeter }> {
  const server = await RedisServer.start();
  later(() => server.close());
  const meter = new RedisMeter(server.url);
  later(() => {
    meter.close();
    return Promise.resolve();
  });
  return { url: server.url, meter };
}

/** Fields of Redis's INFO. */
export class RedisMeter {
  readonly #client: Redis;

  constructor(url: string) {
    this.#client = new Redis(url);
  }

  async cpuMicroseconds(): Promise<number> {
    const info = await this.#client.info("cpu");
    return 1e6 * (secondsIn(info, "used_cpu_user") + secondsIn(info, "used_cpu_sys"));
  }

  /** The calls so far, except those of this meter. */
  async calls(): Promise<Calls> {
    const info = await this.#client.info("commandstats");
    const calls: Calls = { scripts: 0, commands: 0 };
    for (const [, name = "", count] of info.matchAll(/^cmdstat_([\w|-]+):calls=(\d+)/gm)) {
      if (name === "fcall") calls.scripts += Number(count);
      else if (name !== "info") calls.commands += Number(count);
    }
    return calls;
  }

  close(): void {
    this.#client.disconnect();
  }
}

function secondsIn(info: string, name: string): number {
  return Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1] ?? NaN);
}

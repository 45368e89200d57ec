import { Cluster, type Redis } from "ioredis";
import type { Client } from "./connect.js";
import { functionOf, LIBRARY_PREFIX, librariesFor, type Library } from "./library.js";
import type { Settings } from "./rules.js";
import type { Verb } from "./verbs.js";

/** The functions in Redis that carry out the verbs. */
export class Libraries {
  readonly #libraries: readonly Library[];
  readonly #names: ReadonlyMap<Verb, string>;
  #loading: Promise<unknown> | undefined;

  constructor(
    private readonly client: Client,
    settings: Settings,
  ) {
    this.#libraries = librariesFor(settings);
    this.#names = new Map(
      this.#libraries.flatMap((library) => library.verbs.map((verb) => [verb, functionOf(library, verb)] as const)),
    );
  }

  /** The function of a verb. */
  nameOf(verb: Verb): string {
    return this.#names.get(verb) ?? verb;
  }

  /**
   * Loads the libraries into all primaries, unless they have them. Calls at a time share one attempt.
   * @returns the error of a primary that failed, if there is one
   */
  load(): Promise<unknown> {
    this.#loading ??= this.#loadAll().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /**
   * Deletes the libraries of other versions and settings, which Redis would keep for ever. An instance that still uses
   * one loads it again.
   */
  async dropOthers(): Promise<void> {
    const own = new Set(this.#libraries.map(({ name }) => name));
    await this.#onEach(async (server) => {
      const listed = (await server.function("LIST", "LIBRARYNAME", `${LIBRARY_PREFIX}*`)) as unknown[][];
      const others = listed.map(([, name]) => String(name)).filter((name) => !own.has(name));
      await Promise.all(others.map((name) => server.function("DELETE", name)));
    });
  }

  #loadAll(): Promise<unknown> {
    return this.#onEach((server) => Promise.all(this.#libraries.map(({ lua }) => loadInto(server, lua))));
  }

  /** Returns the error of a primary, if one fails. */
  async #onEach(work: (server: Redis) => Promise<unknown>): Promise<unknown> {
    const servers = this.client instanceof Cluster ? this.client.nodes("master") : [this.client];
    const results = await Promise.allSettled(servers.map(work));
    return results.find((result) => result.status === "rejected")?.reason;
  }
}

async function loadInto(server: Redis, lua: string): Promise<void> {
  try {
    await server.function("LOAD", lua);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("already exists"))) throw error;
  }
}

/** Whether Redis does not have a function: it lost its data, or another instance deleted it. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("ERR Function not found");
}

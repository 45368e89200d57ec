import { Cluster, type Redis } from "ioredis";
import type { Client } from "./connect.js";
import { functionOf, LIBRARY_PREFIX, librariesFor, type Library } from "./library.js";
import type { Settings } from "./rules.js";
import type { Verb } from "./verbs.js";

/** The functions in Redis that carry out the verbs. */
export class Libraries {
  readonly #libraries: readonly Library[];
  readonly #names: ReadonlyMap<Verb, string>;
  #loading: Promise<void> | undefined;

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

  /** Loads the libraries into all primaries that answer, unless they have them. Calls at a time share one attempt. */
  load(): Promise<void> {
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

  async #loadAll(): Promise<void> {
    await this.#onEach(async (server) => {
      await Promise.allSettled(this.#libraries.map(({ lua }) => server.function("LOAD", lua)));
    });
  }

  /** Errors show at the next call of a verb. */
  async #onEach(work: (server: Redis) => Promise<unknown>): Promise<void> {
    const servers = this.client instanceof Cluster ? this.client.nodes("master") : [this.client];
    await Promise.allSettled(servers.map(work));
  }
}

/** Whether Redis does not have a function: it lost its data, or another instance deleted it. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("ERR Function not found");
}

import type { Database, RootDatabase } from "lmdb";
import type { Progress, WebhookStore } from "../../ports/webhook-store.js";
import { commit } from "./database.js";
import type { EventShelf } from "./event-shelf.js";

/** The progress of webhooks in an embedded database file. Only one process uses it, so every lease is granted. */
export class LmdbWebhooks implements WebhookStore {
  readonly #progress: Database<Progress, string>;

  constructor(
    private readonly root: RootDatabase,
    private readonly events: EventShelf,
  ) {
    this.#progress = root.openDB({ name: "webhooks" });
  }

  hold({ receiver }: Parameters<WebhookStore["hold"]>[0]): Promise<Progress | undefined> {
    const known = this.#progress.get(receiver);
    if (known !== undefined) return Promise.resolve(known);
    return commit(this.root, () => {
      const { lastNumber: number } = this.events;
      const progress = { number, failures: 0, failingSinceMs: 0, nextAttemptMs: 0, problem: "" };
      void this.#progress.put(receiver, progress);
      return progress;
    });
  }

  save({ receiver, progress }: Parameters<WebhookStore["save"]>[0]): Promise<boolean> {
    return commit(this.root, () => {
      void this.#progress.put(receiver, progress);
      return true;
    });
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  read(receivers: readonly string[]): Promise<(Progress | undefined)[]> {
    return Promise.resolve(receivers.map((receiver) => this.#progress.get(receiver)));
  }
}

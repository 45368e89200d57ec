import type { Progress, WebhookStore } from "../../ports/webhook-store.js";
import type { ScriptRunner } from "./script-runner.js";

/** The progress of webhooks in Redis. A lease is a key that expires. */
export class RedisWebhooks implements WebhookStore {
  constructor(private readonly store: ScriptRunner) {}

  async hold({ receiver, holder, leaseMs }: Parameters<WebhookStore["hold"]>[0]): Promise<Progress | undefined> {
    return parse((await this.store.run("hold_webhook", receiver, holder, leaseMs)) as string);
  }

  async save({ receiver, holder, leaseMs, progress }: Parameters<WebhookStore["save"]>[0]): Promise<boolean> {
    return (await this.store.run("save_webhook", receiver, holder, leaseMs, JSON.stringify(progress))) === 1;
  }

  async release({ receiver, holder }: Parameters<WebhookStore["release"]>[0]): Promise<void> {
    await this.store.run("release_webhook", receiver, holder);
  }

  async read(receivers: readonly string[]): Promise<(Progress | undefined)[]> {
    if (receivers.length === 0) return [];
    return ((await this.store.run("read_webhooks", ...receivers)) as string[]).map(parse);
  }
}

function parse(json: string): Progress | undefined {
  return json === "" ? undefined : (JSON.parse(json) as Progress);
}

import { createHash } from "node:crypto";
import type { FastifyBaseLogger } from "fastify";
import { systemRandom } from "./adapters/node/random.js";
import { HttpWebhookSender } from "./adapters/webhooks/sender.js";
import type { People } from "./app/people.js";
import { type Receiver, Webhooks } from "./app/webhooks.js";
import type { Config } from "./config.js";
import { type LogEventType, peopleIn } from "./core/log-event.js";
import { webhookTypes } from "./core/webhook.js";
import type { WebhookMeter } from "./ports/meter.js";
import { renderWebhook } from "./rpc/codec/render-webhook.js";
import type { Stores } from "./stores.js";
import { VERSION } from "./version.js";

interface Parts {
  config: Config;
  stores: Pick<Stores, "events" | "webhooks" | "clock">;
  meter: WebhookMeter;
  logger: FastifyBaseLogger;
  people: Pick<People, "subjectsOf">;
}

/** Creates what sends webhooks to the configured receivers. It does not send yet. */
export function createWebhooks({ config, stores, meter, logger, people }: Parts): Webhooks {
  const names = new Set<string>(config.WEBHOOK_EVENTS);
  const types = Object.entries(webhookTypes).filter(([, name]) => names.has(name));
  return new Webhooks({
    log: stores.events,
    store: stores.webhooks,
    sender: new HttpWebhookSender(config.WEBHOOK_SECRET, `satoshigle/${VERSION}`),
    clock: stores.clock,
    random: systemRandom,
    meter,
    receivers: receiversOf(config.WEBHOOK_URLS),
    types: new Set(types.map(([type]) => type as LogEventType)),
    render: async (event) => renderWebhook(event, await people.subjectsOf(peopleIn(event.event))),
    onChange: ({ name: receiver }, problem) => {
      if (problem === undefined) logger.info({ receiver }, "webhooks are delivered again");
      else logger.warn({ receiver, problem }, "webhooks cannot be delivered; they are retried, for up to a day apart");
    },
    onError: (err) => {
      logger.error({ err }, "failed to send webhooks");
    },
  });
}

/** Receivers are named by host; several on one host also by their place in the list. */
export function receiversOf(given: readonly string[]): Receiver[] {
  const urls = [...new Set(given)];
  const hosts = urls.map((url) => new URL(url).host);
  return urls.map((url, index) => {
    const host = hosts[index] ?? "";
    const isAlone = hosts.filter((other) => other === host).length === 1;
    const id = createHash("sha256").update(url).digest("base64url").slice(0, 22);
    return { url, id, name: isAlone ? host : `${host} #${String(index + 1)}` };
  });
}

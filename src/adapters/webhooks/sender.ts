import { Webhook } from "standardwebhooks";
import type { WebhookMessage, WebhookOutcome, WebhookSender } from "../../ports/webhook-sender.js";

/** How long a receiver may take to answer, in milliseconds. */
const ANSWER_MS = 15_000;

/** Sends messages over HTTP, signed as Standard Webhooks describes. Redirects are not followed. */
export class HttpWebhookSender implements WebhookSender {
  readonly #signers: readonly Webhook[];

  /** @param secrets such as `whsec_…`; each signs, so that receivers accept both while one replaces the other */
  constructor(
    secrets: readonly string[],
    private readonly userAgent: string,
    private readonly answerMs: number = ANSWER_MS,
  ) {
    this.#signers = secrets.map((secret) => new Webhook(secret));
  }

  async send(url: string, { id, body }: WebhookMessage): Promise<WebhookOutcome> {
    const now = new Date();
    const headers = {
      "content-type": "application/json",
      "user-agent": this.userAgent,
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": this.#signers.map((signer) => signer.sign(id, now, body)).join(" "),
    };
    try {
      const signal = AbortSignal.timeout(this.answerMs);
      return await outcomeOf(await fetch(url, { method: "POST", headers, body, redirect: "manual", signal }));
    } catch (error) {
      return { state: "failed", problem: problemOf(error) };
    }
  }
}

/** The body says nothing that counts, and may be endless. */
async function outcomeOf({ status, headers, body }: Response): Promise<WebhookOutcome> {
  await body?.cancel().catch(() => undefined);
  if (status >= 200 && status < 300) return { state: "accepted" };
  const seconds = Number(headers.get("retry-after") ?? NaN);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {};
  return { state: "failed", problem: `status ${String(status)}`, ...retryAfterMs };
}

/** A short name of the problem. The messages of errors may contain the URL. */
function problemOf(error: unknown): string {
  const { name, cause } = error as Error & { cause?: { code?: unknown } };
  if (name === "TimeoutError") return "no answer";
  return typeof cause?.code === "string" ? cause.code : "no connection";
}

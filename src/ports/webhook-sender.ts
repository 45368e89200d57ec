/** Sends signed messages to the app's backend. */
export interface WebhookSender {
  /** Sends a message. Never rejects. */
  send(url: string, message: WebhookMessage): Promise<WebhookOutcome>;
}

export interface WebhookMessage {
  /** The same for each attempt. */
  id: string;
  body: string;
}

/** `problem`: why it was not accepted, such as `status 500`; `retryAfterMs`: when the receiver asks for it again. */
export type WebhookOutcome = { state: "accepted" } | { state: "failed"; problem: string; retryAfterMs?: number };

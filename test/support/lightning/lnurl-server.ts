import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { LightningNode } from "./node.js";

/** The three things that a service of LNURL-pay is asked. */
export type Question = "payRequest" | "invoice" | "verify";

type Answer = Record<string, unknown>;
type Responder = (response: ServerResponse, url: URL) => void;

const METADATA = JSON.stringify([["text/plain", "Tips for Bob"]]);

/** A service that makes invoices of a node (LUD-06, 12, 16, 21) on loopback, for `bob@127.0.0.1:port`. */
export class LnurlServer {
  /** The requests so far, oldest first. */
  readonly asked: { question: Question; url: URL; headers: IncomingMessage["headers"] }[] = [];
  readonly #server = createServer((request, response) => this.#receive(request, response));
  /** What a test has it say in place of the truth. */
  readonly #lies = new Map<Question, Responder>();
  #origin = "";

  private constructor(readonly node: LightningNode) {}

  static async start(node: LightningNode): Promise<LnurlServer> {
    const service = new LnurlServer(node);
    service.#server.listen(0, "127.0.0.1");
    await once(service.#server, "listening");
    service.#origin = `http://127.0.0.1:${String((service.#server.address() as AddressInfo).port)}`;
    return service;
  }

  get address(): string {
    return `bob@${new URL(this.#origin).host}`;
  }

  get origin(): string {
    return this.#origin;
  }

  /** Answers a question with the truth, but for these fields. */
  change(question: Question, fields: Answer): void {
    this.#lies.set(question, (response, url) => send(response, { ...this.#truth(question, url), ...fields }));
  }

  /** Answers a question in another way. */
  answer(question: Question, respond: Responder): void {
    this.#lies.set(question, respond);
  }

  /** Tells the truth again. */
  reform(): void {
    this.#lies.clear();
    this.asked.length = 0;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #receive({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const target = new URL(url, this.#origin);
    const question = questionAt(target.pathname);
    response.setHeader("access-control-allow-origin", "*"); // LNURL asks for it, as wallets run in pages
    if (question === undefined) {
      response.writeHead(404).end("nothing here");
      return;
    }
    this.asked.push({ question, url: target, headers });
    const lie = this.#lies.get(question);
    if (lie) lie(response, target);
    else send(response, this.#truth(question, target));
  }

  #truth(question: Question, url: URL): Answer {
    if (question === "payRequest") return this.#payRequest();
    if (question === "invoice") return this.#invoice(Number(url.searchParams.get("amount")));
    const payment = this.node.find(url.pathname.split("/").at(-1) ?? "");
    if (!payment) return { status: "ERROR", reason: "Not found" };
    const settled = payment.state === "settled";
    return { status: "OK", settled, preimage: settled ? payment.preimage : null, pr: payment.invoice };
  }

  #payRequest(): Answer {
    const range = { minSendable: 1_000, maxSendable: 100_000_000 };
    return { tag: "payRequest", callback: `${this.#origin}/pay?user=bob`, metadata: METADATA, ...range };
  }

  #invoice(amountMsat: number): Answer {
    const pr = this.node.makeInvoice(amountMsat, "Tips for Bob", 600);
    const hash = this.node.payments().find(({ invoice }) => invoice === pr)?.paymentHash ?? "";
    return { status: "OK", pr, routes: [], verify: `${this.#origin}/verify/${hash}` };
  }
}

/** The hash that an invoice of the service has if it has no description in words. */
export const METADATA_HASH = createHash("sha256").update(METADATA).digest("hex");

function questionAt(path: string): Question | undefined {
  if (path === "/.well-known/lnurlp/bob") return "payRequest";
  if (path === "/pay") return "invoice";
  return path.startsWith("/verify/") ? "verify" : undefined;
}

export function send(response: ServerResponse, answer: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
}

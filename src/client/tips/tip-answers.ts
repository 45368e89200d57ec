import { Allowance } from "../call/allowance.js";
import { retry, retryTransientOrLimited, type SessionLink } from "../connection/retry.js";
import { messageOf, SatoshigleError } from "../errors.js";
import type { Wallet } from "../wallets/wallet.js";
import { noWalletError } from "./tip-rules.js";
import type { TipProblem, TipStore } from "./tip-store.js";
import { readInvoice } from "./invoice.js";
import { wholeSatsError } from "./offered-tip.js";
import { spokenWords, walletProblem } from "./wallet-words.js";
import type { TipApi } from "./tip-api.js";
import type { Tip, TipProblemCode, TipTerms } from "./types.js";

/** How many invoices a wallet is asked for automatically: some wallets ask the person each time. */
const [INVOICE_BURST, INVOICES_PER_SECOND] = [16, 0.5];
const TOO_MANY = "Too many tips arrived at once, so your wallet did not answer this one automatically.";
const MEMO = "A tip on Satoshigle";
const NO_INVOICE = "Your wallet did not create an invoice.";
const WRONG_AMOUNT = "Your wallet created an invoice for another amount.";
/** Short, because an invoice that is not paid soon is not paid at all, and wallets may keep theirs for a week. */
const INVOICE_LIFE_SECONDS = 600;

interface TipAnswersDependencies {
  api: TipApi;
  link: SessionLink;
  signal: AbortSignal;
  tipStore: TipStore;
  wallet: () => Wallet | null;
  network: () => TipTerms["network"] | undefined;
}

/** Answers the tips that this side receives with invoices. */
export class TipAnswers {
  /** Whether the wallet answers every tip without the person's consent to each. */
  automatic = true;
  readonly #dependencies: TipAnswersDependencies;
  /** IDs of the tips that are being answered. */
  readonly #answering = new Set<string>();
  readonly #allowance = new Allowance(INVOICE_BURST, INVOICES_PER_SECOND);

  constructor(dependencies: TipAnswersDependencies) {
    this.#dependencies = dependencies;
  }

  /** Answers a new tip if the wallet does so automatically. */
  answerAutomatically(tip: Tip): void {
    const { tipStore, wallet } = this.#dependencies;
    const answers = this.automatic && wallet()?.makeInvoice !== undefined;
    if (tip.state !== "offered" || !answers || this.#answering.has(tip.id)) return;
    if (!this.#allowance.take()) {
      tipStore.explain(tip.id, { problemCode: "too_many", problem: TOO_MANY });
      return;
    }
    this.#answer(tip).catch((error: unknown) => tipStore.explain(tip.id, problemOf(error)));
  }

  /** Answers with `invoice`, which the person created elsewhere, or with an invoice from the wallet. */
  async accept(tip: Tip, invoice?: string): Promise<void> {
    if (invoice !== undefined && readInvoice(normalizeInvoice(invoice))?.amountMsat !== tip.amountMsat) {
      throw new SatoshigleError("invalid", "This is not an invoice for exactly this amount.", { field: "invoice" });
    }
    await this.#answer(tip, invoice);
  }

  /** Does nothing while the same tip is being answered. */
  async #answer(tip: Tip, given?: string): Promise<void> {
    if (tip.state !== "offered" || this.#answering.has(tip.id)) return;
    const { api, link, signal } = this.#dependencies;
    this.#answering.add(tip.id);
    try {
      const invoice = normalizeInvoice(given ?? (await this.#makeInvoice(tip)));
      const send = () => api.sendInvoice({ tipId: tip.id, invoice });
      await retry(send, { link, signal, decide: retryTransientOrLimited });
    } finally {
      this.#answering.delete(tip.id);
    }
  }

  async #makeInvoice({ amountMsat }: Tip): Promise<string> {
    const wallet = this.#dependencies.wallet();
    if (!wallet?.makeInvoice) throw noWalletError();
    const isWhole = amountMsat % 1_000 === 0;
    if (wallet.wholeSats && !isWhole) throw wholeSatsError();
    const network = this.#dependencies.network();
    const terms = { amountMsat, memo: MEMO, expirySeconds: INVOICE_LIFE_SECONDS, ...(network && { network }) };
    const invoice = await wallet.makeInvoice(terms).catch((cause: unknown) => {
      if (!isWhole && /whole|milli-?sat|msat|fraction/i.test(String(cause))) throw wholeSatsError();
      throw new SatoshigleError("wallet_failed", spokenWords(cause) ?? NO_INVOICE, { cause });
    });
    const facts = readInvoice(normalizeInvoice(invoice));
    if (!facts || facts.amountMsat === amountMsat) return invoice;
    throw isWhole ? new SatoshigleError("wallet_failed", WRONG_AMOUNT) : wholeSatsError();
  }
}

/** Why a tip was not answered. */
function problemOf(error: unknown): TipProblem {
  if (!(error instanceof SatoshigleError)) return { problemCode: "no_invoice", problem: messageOf(error, NO_INVOICE) };
  const { code, problem, message, cause } = error;
  if (problem === "whole_sats") return { problemCode: "whole_sats", problem: message };
  if (code !== "wallet_failed" || cause === undefined) return { problemCode: "no_invoice", problem: message };
  // A wallet may say what went wrong, such as `AddressProblem`.
  const { tipProblem } = cause as { tipProblem?: TipProblemCode };
  if (tipProblem === undefined) return walletProblem("no_invoice", cause, NO_INVOICE);
  return {
    problemCode: tipProblem,
    problem: messageOf(cause, NO_INVOICE),
    saidByWallet: tipProblem === "address_refused",
  };
}

/** Wallets show invoices as links and in capitals, which makes QR codes smaller. */
function normalizeInvoice(text: string): string {
  return text
    .replace(/\s+/g, "")
    .toLowerCase()
    .replace(/^lightning:(\/\/)?/, "");
}

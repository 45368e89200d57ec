import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programNamed } from "../build.js";
import { PATIENCE_MS } from "../patience.js";

/** An entry of a payment service for a settled tip, with the cursor to continue after. */
export interface LedgerEntry {
  cursor: string;
  tipId: string;
  amountMsat: number;
}

/** Timeout for the service to record settled tips, in milliseconds. */

/** A payment service in its own process, which watches settled tips and records each once in a file. */
export class PaymentServiceProcess {
  #child: ChildProcess | undefined;

  private constructor(
    readonly internalUrl: string,
    readonly folder: string,
  ) {}

  static async start(internalUrl: string): Promise<PaymentServiceProcess> {
    const service = new PaymentServiceProcess(internalUrl, await mkdtemp(join(tmpdir(), "satoshigle-ledger-")));
    service.start();
    return service;
  }

  start(): void {
    const args = [programNamed("payment-service-program"), this.internalUrl, this.#file];
    this.#child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  }

  /** Kills it at any moment, like a crash. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true });
  }

  /** Waits until all of these tips are recorded. Returns the entries in order. */
  async booked(tipIds: readonly string[]): Promise<LedgerEntry[]> {
    const endMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const entries = await this.ledger();
      const booked = new Set(entries.map(({ tipId }) => tipId));
      if (tipIds.every((tipId) => booked.has(tipId))) return entries;
      if (Date.now() > endMs) throw new Error("the payment service did not record the settled tips");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async ledger(): Promise<LedgerEntry[]> {
    const text = await readFile(this.#file, "utf8").catch(() => "");
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LedgerEntry);
  }

  get #file(): string {
    return join(this.folder, "ledger");
  }
}

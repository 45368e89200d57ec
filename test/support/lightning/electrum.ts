import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { address, networks } from "bitcoinjs-lib";
import { PATIENCE_MS } from "../patience.js";
import { freePort } from "../ports.js";
import { soon } from "../soon.js";
import type { ElectrumServer } from "./electrum-server.js";

const PROGRAM = "/usr/bin/electrum";
/** The time that a process has to end by itself, in milliseconds. */
const GRACE_MS = 5_000;
const SAT_PER_BTC = 100_000_000;

/** A channel as Electrum lists it. Amounts are in satoshis. */
export interface ElectrumChannel {
  /** The funding output, `txid:index`. */
  channel_point: string;
  state: string;
  peer_state: "GOOD" | "DISCONNECTED" | "REESTABLISHING" | "BAD";
  remote_pubkey: string;
  local_balance: number;
  remote_balance: number;
  local_unsettled_sent: number;
  remote_unsettled_sent: number;
}

/** The outcome of a payment. `log` has a line for each attempt. */
export interface ElectrumPayment {
  payment_hash: string;
  success: boolean;
  preimage: string | null;
  log: unknown[];
}

/** What Electrum says of a method that failed. */
export class ElectrumError extends Error {
  override readonly name = "ElectrumError";
}

/**
 * A wallet by another maker: Debian's Electrum 4.3.4 with its own Lightning node, as a process that trusts one server.
 *
 * What differs from other nodes: it speaks of whole satoshis; on regtest it takes 45,000 satoshis per 1,000 weight as
 * the fee, so that a channel it opens costs it 32,580 satoshis to close; without gossip it opens channels only to
 * trampoline nodes, and without a port to listen on it accepts none (`use_recoverable_channels`).
 */
export class ElectrumWallet {
  readonly #auth = `Basic ${Buffer.from("test:test").toString("base64")}`;
  #id = 0;

  private constructor(
    readonly server: ElectrumServer,
    readonly folder: string,
    readonly child: ChildProcess,
    readonly rpcPort: number,
    /** The port on which other nodes reach it. */
    readonly port: number,
  ) {}

  /** Starts it with a new wallet that is in step with the chain. */
  static async start(server: ElectrumServer): Promise<ElectrumWallet> {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-electrum-"));
    const [rpcPort, port] = [await freePort(), await freePort()];
    await mkdir(join(folder, "regtest"));
    await writeFile(join(folder, "regtest", "config"), JSON.stringify(settings(rpcPort, port)));
    const args = ["--regtest", "-D", folder, "daemon", "--rpcsock", "tcp", "--oneserver", "-s", server.address];
    const logs = process.env.ELECTRUM_LOGS === undefined ? [] : ["-v*"];
    const child = spawn(PROGRAM, [...args, ...logs], { stdio: ["ignore", "ignore", logs[0] ? "inherit" : "ignore"] });
    process.once("exit", () => child.kill("SIGKILL")); // a test that hung left it
    const wallet = new ElectrumWallet(server, folder, child, rpcPort, port);
    try {
      await wallet.#begin();
    } catch (error) {
      await wallet.close();
      throw error;
    }
    return wallet;
  }

  /**
   * Calls a method of its JSON-RPC.
   * @throws ElectrumError with its own words
   */
  async call<T>(method: string, params: object = {}): Promise<T> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: ++this.#id, method, params });
    const response = await fetch(`http://127.0.0.1:${String(this.rpcPort)}`, {
      ...{ method: "POST", headers: { authorization: this.#auth }, body },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = (await response.json()) as { result: T; error?: { message: string } };
    if (answer.error) throw new ElectrumError(answer.error.message);
    return answer.result;
  }

  /** Its public key as a Lightning node. */
  async nodeId(): Promise<string> {
    const [id = ""] = (await this.call<string>("nodeid")).split("@");
    return id;
  }

  /** Gives it coins that it can spend. */
  async fund(satoshis: number): Promise<void> {
    const { chain } = this.server;
    const before = await this.confirmedSat();
    const script = address.toOutputScript(await this.call<string>("getunusedaddress"), networks.regtest);
    if (chain.height === 0) chain.mine();
    chain.submit(chain.payment(script, satoshis));
    chain.mine();
    await soon(async () => {
      if ((await this.confirmedSat()) !== before + satoshis) throw new Error("Electrum has not seen its coins");
    });
  }

  async confirmedSat(): Promise<number> {
    const { confirmed } = await this.call<{ confirmed: string }>("getbalance");
    return Math.round(Number(confirmed) * SAT_PER_BTC);
  }

  channels(): Promise<ElectrumChannel[]> {
    return this.call("list_channels");
  }

  /** An invoice; of a part of a satoshi, Electrum says nothing and leaves it out. */
  async makeInvoice(satoshis: number, memo = "", expiration = 3600): Promise<string> {
    const terms = { amount: inBtc(satoshis), memo, expiration, force: true };
    const { lightning_invoice: invoice } = await this.call<{ lightning_invoice: string }>("add_request", terms);
    return invoice;
  }

  /** Whether an invoice of its own is paid. */
  async isPaid(invoice: string): Promise<boolean> {
    const paid = await this.call<{ lightning_invoice?: string }[]>("list_requests", { paid: true });
    return paid.some(({ lightning_invoice: one }) => one === invoice);
  }

  /** Pays an invoice, and returns once the payment has settled or failed. */
  pay(invoice: string): Promise<ElectrumPayment> {
    return this.call("lnpay", { invoice });
  }

  async close(): Promise<void> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      const kill = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
      await exit;
      clearTimeout(kill);
    }
    await rm(this.folder, { recursive: true });
  }

  async #begin(): Promise<void> {
    await soon(async () => {
      if (this.child.exitCode !== null) return;
      await this.call("version");
    });
    if (this.child.exitCode !== null) throw new Error("Electrum ended at once");
    await this.call("create");
    await this.call("load_wallet");
    await soon(async () => {
      const { connected, blockchain_height: height } = await this.call<Info>("getinfo");
      if (!connected || height !== this.server.chain.height) throw new Error("Electrum is not in step with the chain");
    });
  }
}

interface Info {
  connected: boolean;
  blockchain_height: number;
}

function settings(rpcPort: number, port: number): object {
  return {
    ...{ config_version: 3, check_updates: false, log_to_file: false },
    ...{ rpcuser: "test", rpcpassword: "test", rpcport: rpcPort },
    ...{ use_gossip: true, lightning_listen: `127.0.0.1:${String(port)}` },
  };
}

/** Electrum's amounts are bitcoins in decimals. */
export function inBtc(satoshis: number): string {
  return (satoshis / SAT_PER_BTC).toFixed(11); // whole millisatoshis
}

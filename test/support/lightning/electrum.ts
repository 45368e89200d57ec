import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
export const SAT_PER_BTC = 100_000_000;

/** A channel as Electrum lists it. Amounts are in satoshis. */
export interface ElectrumChannel {
  channel_id: string;
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

/** What a wallet stores of a channel and its list leaves out. */
export interface StoredChannel {
  constraints: { capacity: number; is_initiator: boolean };
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

  #child: ChildProcess | undefined;

  private constructor(
    readonly server: ElectrumServer,
    readonly folder: string,
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
    const wallet = new ElectrumWallet(server, folder, rpcPort, port);
    try {
      await wallet.#run();
      await wallet.call("create");
      await wallet.#load();
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

  /** What its file says of its channels, by their IDs: no command tells it. */
  async storedChannels(): Promise<Record<string, StoredChannel>> {
    const file = await readFile(join(this.folder, "regtest", "wallets", "default_wallet"), "utf8");
    return (JSON.parse(file) as { channels: Record<string, StoredChannel> }).channels;
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

  /** Ends the process; `restart` continues with the same wallet. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    await exit;
    clearTimeout(kill);
  }

  async restart(): Promise<void> {
    await this.#run();
    await this.#load();
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true });
  }

  /** Starts the process, and waits until it answers. */
  async #run(): Promise<void> {
    const args = ["--regtest", "-D", this.folder, "daemon", "--rpcsock", "tcp", "--oneserver"];
    // It must not outlive a test that is killed.
    const withUs = ["--pdeathsig", "KILL", "--", PROGRAM];
    const child = spawn("setpriv", [...withUs, ...args, "-s", this.server.address], { stdio: "ignore" });
    this.#child = child;
    await soon(async () => {
      if (child.exitCode === null) await this.call("version");
    });
    if (child.exitCode !== null) throw new Error("Electrum ended at once");
  }

  /** Opens the wallet, and waits until it is in step with the chain. */
  async #load(): Promise<void> {
    await this.call("load_wallet");
    await this.synced();
  }

  /** Waits until it knows the newest block, and what the wallet has in it. */
  async synced(): Promise<void> {
    await soon(async () => {
      const { connected, blockchain_height: height } = await this.call<Info>("getinfo");
      const isSynced =
        connected && height === this.server.chain.height && (await this.call<boolean>("is_synchronized"));
      if (!isSynced) throw new Error("Electrum is not in step with the chain");
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

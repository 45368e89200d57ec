import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Change, SimulatedChain } from "./simulated-chain.js";

/** A client needs this many headers in an answer. */
const MAX_HEADERS = 2016;
const GENESIS_HASH = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";
const [VERSION, PROTOCOL] = ["satoshigle-test 1", "1.4"];

interface Request {
  id: number;
  method: string;
  params?: unknown[];
}

/** What a client has subscribed to. */
interface Client {
  socket: Socket;
  wantsHeaders: boolean;
  scriptHashes: Set<string>;
}

type Method = (client: Client, ...params: never[]) => unknown;

/** Serves a simulated chain to Electrum wallets, by the Electrum protocol 1.4 over plain TCP on loopback. */
export class ElectrumServer {
  readonly #clients = new Set<Client>();
  readonly #listener: Server;
  readonly #unlisten: () => void;
  readonly #methods: Record<string, Method>;

  private constructor(readonly chain: SimulatedChain) {
    this.#methods = methodsOver(chain);
    this.#listener = createServer((socket) => this.#serve(socket));
    this.#unlisten = chain.listen((change) => this.#notify(change));
  }

  static async start(chain: SimulatedChain): Promise<ElectrumServer> {
    const server = new ElectrumServer(chain);
    server.#listener.listen(0, "127.0.0.1");
    await once(server.#listener, "listening");
    return server;
  }

  /** As Electrum expects it: host, port, and `t` for TCP without encryption. */
  get address(): string {
    return `127.0.0.1:${String((this.#listener.address() as AddressInfo).port)}:t`;
  }

  async close(): Promise<void> {
    this.#unlisten();
    for (const { socket } of this.#clients) socket.destroy();
    this.#listener.close();
    await once(this.#listener, "close");
  }

  #serve(socket: Socket): void {
    const client: Client = { socket, wantsHeaders: false, scriptHashes: new Set() };
    this.#clients.add(client);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#clients.delete(client));
    createInterface({ input: socket }).on("line", (line) => {
      const request = JSON.parse(line) as Request | Request[];
      const answer = Array.isArray(request)
        ? request.map((one) => this.#answer(client, one))
        : this.#answer(client, request);
      send(client, answer);
    });
  }

  #answer(client: Client, { id, method, params = [] }: Request): object {
    const call = this.#methods[method];
    if (call === undefined) return { jsonrpc: "2.0", id, error: { code: -32601, message: `unknown method ${method}` } };
    try {
      return { jsonrpc: "2.0", id, result: call(client, ...(params as never[])) ?? null };
    } catch (error) {
      return { jsonrpc: "2.0", id, error: { code: 1, message: error instanceof Error ? error.message : "" } };
    }
  }

  #notify({ isNewBlock, scriptHashes }: Change): void {
    const tip = { height: this.chain.height, hex: hexOf(this.chain.header(this.chain.height)) };
    for (const client of this.#clients) {
      if (isNewBlock && client.wantsHeaders) notify(client, "blockchain.headers.subscribe", [tip]);
      for (const hash of scriptHashes) {
        if (!client.scriptHashes.has(hash)) continue;
        notify(client, "blockchain.scripthash.subscribe", [hash, statusOf(this.chain, hash)]);
      }
    }
  }
}

function methodsOver(chain: SimulatedChain): Record<string, Method> {
  const header = (height: number) => hexOf(chain.header(height));
  return {
    ...aboutTheServer(),
    "blockchain.headers.subscribe": (client) => {
      client.wantsHeaders = true;
      return { height: chain.height, hex: header(chain.height) };
    },
    "blockchain.block.header": (_client, height: number) => header(height),
    "blockchain.block.headers": (_client, first: number, asked: number) => {
      const count = Math.max(0, Math.min(asked, MAX_HEADERS, chain.height + 1 - first));
      const headers = Array.from({ length: count }, (_, index) => header(first + index));
      return { count, hex: headers.join(""), max: MAX_HEADERS };
    },
    "blockchain.scripthash.subscribe": (client, hash: string) => {
      client.scriptHashes.add(hash);
      return statusOf(chain, hash);
    },
    "blockchain.scripthash.unsubscribe": (client, hash: string) => client.scriptHashes.delete(hash),
    "blockchain.scripthash.get_history": (_client, hash: string) => historyOf(chain, hash),
    "blockchain.transaction.get": (_client, id: string) => placed(chain, id).transaction.toHex(),
    "blockchain.transaction.get_merkle": (_client, id: string, height: number) => merkleProof(chain, id, height),
    "blockchain.transaction.broadcast": (_client, raw: string) => chain.submit(Buffer.from(raw, "hex")),
  };
}

function aboutTheServer(): Record<string, Method> {
  return {
    "server.version": () => [VERSION, PROTOCOL],
    "server.features": () => ({
      ...{ genesis_hash: GENESIS_HASH, hosts: {}, hash_function: "sha256", pruning: null },
      ...{ server_version: VERSION, protocol_min: PROTOCOL, protocol_max: PROTOCOL },
    }),
    "server.banner": () => "",
    "server.donation_address": () => "",
    "server.peers.subscribe": () => [],
    "server.ping": () => null,
    "blockchain.estimatefee": () => 0.0001,
    "blockchain.relayfee": () => 0.00001,
    "mempool.get_fee_histogram": () => [],
  };
}

function placed(chain: SimulatedChain, id: string) {
  const found = chain.find(id);
  if (found === undefined) throw new Error("No such mempool or blockchain transaction");
  return found;
}

/** A wallet expects the fee of a transaction that waits, and no fee of others. */
function historyOf(chain: SimulatedChain, scriptHash: string) {
  return chain
    .historyOf(scriptHash)
    .map(({ id, height, feeSat }) => ({ tx_hash: id, height, ...(height === 0 && { fee: feeSat }) }));
}

/** The hash of a history, by which wallets see that it changed. */
function statusOf(chain: SimulatedChain, scriptHash: string): string | null {
  const rows = chain.historyOf(scriptHash).map(({ id, height }) => `${id}:${String(height)}:`);
  return rows.length === 0 ? null : createHash("sha256").update(rows.join("")).digest("hex");
}

/** The hashes beside the path from a transaction to the merkle root of its block. */
function merkleProof(chain: SimulatedChain, id: string, height: number) {
  const ids = chain.idsIn(height);
  const position = ids.indexOf(id);
  if (position === -1) throw new Error(`there is no such transaction in block ${String(height)}`);
  const beside: string[] = [];
  let row: Buffer[] = ids.map((one) => Buffer.from(one, "hex").reverse());
  for (let at = position; row.length > 1; at >>= 1) {
    const last = row.at(-1);
    if (row.length % 2 === 1 && last !== undefined) row.push(last);
    beside.push(hexOf(Buffer.from(row[at ^ 1] ?? []).reverse()));
    row = pairs(row).map((pair) => doubleSha256(Buffer.concat(pair)));
  }
  return { block_height: height, pos: position, merkle: beside };
}

function pairs<T>(all: readonly T[]): T[][] {
  return Array.from({ length: all.length / 2 }, (_, index) => all.slice(2 * index, 2 * index + 2));
}

function doubleSha256(bytes: Buffer): Buffer {
  const once = createHash("sha256").update(bytes).digest();
  return createHash("sha256").update(once).digest();
}

function hexOf(bytes: Buffer): string {
  return bytes.toString("hex");
}

function notify(client: Client, method: string, params: unknown[]): void {
  send(client, { jsonrpc: "2.0", method, params });
}

function send({ socket }: Client, message: object): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

import type { Transport } from "@connectrpc/connect";
import type { CheckOptions, CheckResult } from "./check/types.js";
import { createApi, type Api, type Wire } from "./connection/api.js";
import type { Call } from "./call/call.js";
import { isLine } from "./call/chat-channel.js";
import { noPartnerError, SatoshigleError } from "./errors.js";
import { keepaliveFetch, sayGoodbye } from "./connection/goodbye.js";
import { LazyIdentity } from "./connection/lazy-identity.js";
import { IceServers } from "./call/ice-servers.js";
import { fromWarningCode } from "./call/warnings.js";
import { MatchController } from "./matching/match-controller.js";
import { PeerSource } from "./call/peer-source.js";
import { PreparedOffers } from "./call/prepared-offers.js";
import { Session } from "./connection/session.js";
import { SessionStream } from "./connection/session-stream.js";
import { createTransport } from "./connection/transport.js";
import type {
  CallStats,
  ClientEvents,
  ClientOptions,
  Evidence,
  Minutes,
  Notices,
  Preferences,
  Receiving,
  ReportReason,
  SafetySymbol,
  SatoshigleClient,
  SatsStream,
  SatsStreamOptions,
  State,
  Tip,
  TipTotals,
  Warning,
} from "./types.js";
import { loadModule } from "./load-module.js";
import { LazyTipping } from "./tips/lazy-tipping.js";
import { StateStore } from "./state-store.js";
import type { Wallet } from "./wallets/wallet.js";
import { RenewableFetch } from "./connection/renewable-fetch.js";
import { watchNetwork } from "./connection/network-events.js";

/** The longest time that `close` waits for the server. */
const LEAVE_TIMEOUT_MS = 2_000;

/**
 * The client of a random video chat. It keeps the connection to the server open and negotiates the calls, so that a page
 * has no WebRTC to write: create it, then use `setMedia`, `start` and the events.
 */
export class Satoshigle implements SatoshigleClient {
  /**
   * What other entry points of the package make calls with.
   * @hidden
   */
  readonly wire: Wire;
  readonly #store = new StateStore();
  readonly #renewableFetch = new RenewableFetch();
  readonly #session: Session;
  readonly #api: Api;
  readonly #stream: SessionStream;
  readonly #iceServers = new IceServers({
    fetch: () => this.#api.getIceServers(),
    isWanted: () => this.#session.wanted,
    warn: (code, message) => this.#warn({ code, message }),
  });
  readonly #peerSource = new PeerSource(this.#iceServers);
  readonly #preparedOffers = new PreparedOffers(this.#peerSource, () => this.#session.wanted);
  readonly #matchController: MatchController;
  readonly #tipping: LazyTipping;
  readonly #unwatchNetwork: () => void;
  #closed = false;

  /**
   * Creates a client that is not connected yet.
   * @param url the address of the server, such as `https://chat.example.com`
   * @param transport replaces the connection to the server in tests
   */
  constructor(url: string, options: ClientOptions = {}, transport?: Transport) {
    const baseUrl = joinPath(url, options.path);
    if (options.maxVideoKbps !== undefined) this.#peerSource.limits.pictureBps = options.maxVideoKbps * 1_000;
    this.#session = new Session(baseUrl, options.storage);
    this.wire = {
      transport: transport ?? createTransport(baseUrl, this.#renewableFetch.fetch),
      currentToken: () => this.#session.token,
    };
    this.#api = createApi(this.wire, transport ?? createTransport(baseUrl, keepaliveFetch));
    const identity = options.identity && new LazyIdentity(options.identity);
    this.#stream = new SessionStream(
      { api: this.#api, session: this.#session, baseUrl, identity },
      {
        connection: (connection) => {
          this.#store.setConnection(connection);
          this.#matchController.connectionChanged();
        },
        welcome: (welcome, fresh) => {
          this.#matchController.welcome(welcome, fresh);
          this.#tipping.welcome(welcome);
        },
        event: ({ event, $unknown }) => {
          if ($unknown) this.#store.keepUnknown($unknown);
          if (event.case === "tipUpdated") this.#tipping.tipUpdated(event.value.tip);
          else this.#matchController.handleEvent(event);
        },
        problem: (error) => this.#store.events.emit("error", error),
        stopped: (error) => this.#matchController.streamStopped(error),
        renewConnections: () => this.#renewableFetch.renew(),
      },
    );
    const shared = { store: this.#store, session: this.#session, link: this.#stream };
    const forCalls = { api: this.#api, peerSource: this.#peerSource, preparedOffers: this.#preparedOffers };
    this.#matchController = new MatchController({ ...shared, ...forCalls, rematch: options.rematch ?? true });
    this.#tipping = new LazyTipping({ ...shared, wire: this.wire, baseUrl, storage: options.tipStorage ?? null });
    this.#unwatchNetwork = watchNetwork(
      (networkChanged) => this.#wake(networkChanged),
      () => sayGoodbye(this.#api, this.#stream.suspend()),
    );
  }

  get state(): State {
    return this.#store.state;
  }

  get resumable(): boolean {
    return this.#session.token !== undefined && !this.#stream.running;
  }

  on<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): () => void {
    return this.#store.events.on(event, listener);
  }

  async setMedia(stream: MediaStream | null): Promise<void> {
    this.#assertOpen();
    this.#peerSource.media = stream;
    if (stream && this.state.connection.status === "online") void this.#preparedOffers.prepare();
    const peers = [this.#matchController.call?.peer, this.#preparedOffers.peer];
    await Promise.all(peers.map(async (peer) => peer?.setMedia(stream)));
  }

  setReceiving({ audio, video }: Receiving): void {
    this.#assertOpen();
    const receiving = { audio, video };
    this.#peerSource.receiving = receiving;
    const { call } = this.#matchController;
    for (const peer of [call?.peer, this.#preparedOffers.peer]) peer?.setReceiving(receiving);
    call?.negotiation.renegotiate();
  }

  async connect(options: { prepareCall?: boolean } = {}): Promise<void> {
    this.#assertOpen();
    if (options.prepareCall) this.#matchController.prepareCalls();
    this.#stream.start();
    await this.#stream.online();
  }

  async start(preferences?: Preferences): Promise<void> {
    this.#assertOpen();
    this.#assertCanCall();
    this.#stream.start();
    await this.#matchController.start(preferences);
  }

  async next(): Promise<void> {
    this.#assertOpen();
    this.#assertCanCall();
    this.#stream.start();
    await this.#matchController.next();
  }

  async stop(): Promise<void> {
    if (this.#closed || !this.#stream.running) return;
    await this.#matchController.stop();
  }

  async report(reason: ReportReason, comment = "", matchId?: string): Promise<void> {
    this.#assertOpen();
    this.#stream.start();
    await this.#matchController.report(reason, comment, matchId);
  }

  async evidence(): Promise<Evidence> {
    const { keepEvidence } = await loadModule("evidence", () => import("./moderation/evidence-keeper.js"));
    return keepEvidence(this.#store, this.#session, this.wire);
  }

  async notices(): Promise<Notices> {
    const { openNotices } = await loadModule("notices", () => import("./moderation/notices.js"));
    return openNotices(this.#store, this.#stream, this.wire);
  }

  say(text: string): void {
    if (!isLine(text)) {
      throw new SatoshigleError("invalid", "A message must have 1 to 2,000 characters.", { field: "text" });
    }
    this.#call().say(text);
  }

  async send(topic: string, bytes: Uint8Array): Promise<void> {
    const content = bytes.slice();
    const inCall = await this.#call().inCall.load();
    await inCall.send(topic, content);
  }

  async safetyCode(): Promise<readonly SafetySymbol[]> {
    return (await this.#call().inCall.load()).safetyCode();
  }

  setTyping(typing: boolean): void {
    this.#matchController.call?.inCall.current?.setTyping(typing);
  }

  markSeen(): void {
    this.#matchController.call?.markSeen();
  }

  goDirect(): void {
    this.#matchController.call?.goDirect();
  }

  stayRelayed(): void {
    this.#matchController.call?.peer?.directUpgrade?.decline();
  }

  async stats(): Promise<CallStats | null> {
    return (await this.#matchController.call?.stats()) ?? null;
  }

  async check({ media = this.#peerSource.media }: CheckOptions = {}): Promise<CheckResult> {
    this.#assertOpen();
    this.#stream.start();
    const { runCheck } = await loadModule("checks", () => import("./check/check.js"));
    return runCheck({
      wire: this.wire,
      online: () => this.#stream.online(),
      getIceServers: () => this.#api.getIceServers(),
      media,
    });
  }

  setWallet(wallet: Wallet | null, options?: { answer?: "automatic" | "ask" }): void {
    this.#tipping.setWallet(wallet, options);
  }

  async tip(amountMsat: number, comment?: string): Promise<Tip> {
    this.#assertOpen();
    return this.#tipping.tip(amountMsat, comment);
  }

  async acceptTip(tipId: string, invoice?: string): Promise<void> {
    await (await this.#tipping.load()).acceptTip(tipId, invoice);
  }

  async declineTip(tipId: string): Promise<void> {
    await (await this.#tipping.load()).declineTip(tipId);
  }

  async cancelTip(tipId: string): Promise<void> {
    await (await this.#tipping.load()).cancelTip(tipId);
  }

  async payTip(tipId: string): Promise<void> {
    await (await this.#tipping.load()).payTip(tipId);
  }

  async putAwayTip(tipId: string): Promise<void> {
    await (await this.#tipping.load()).putAwayTip(tipId);
  }

  async confirmTip(tipId: string, preimage: string): Promise<void> {
    await (await this.#tipping.load()).confirmTip(tipId, preimage);
  }

  async confirmReceipt(tipId: string): Promise<void> {
    await (await this.#tipping.load()).confirmReceipt(tipId);
  }

  streamSats(options: SatsStreamOptions): SatsStream {
    this.#assertOpen();
    return this.#tipping.streamSats(options);
  }

  async minutes(): Promise<Minutes> {
    const { openMinutes } = await loadModule("tips", () => import("./tips/minutes.js"));
    return openMinutes(this.#store, this.#tipping, this.#session, () => this.#matchController.call);
  }

  get tips(): readonly Tip[] {
    return this.#tipping.tips;
  }

  tipTotals(matchId?: string): TipTotals {
    return this.#tipping.tipTotals(matchId);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const reason = closedError();
    this.#unwatchNetwork();
    const left =
      this.#session.token === undefined ? undefined : this.#api.leave(LEAVE_TIMEOUT_MS).catch(() => undefined);
    this.#matchController.close();
    this.#preparedOffers.close();
    this.#iceServers.close();
    this.#tipping.close(reason);
    this.#stream.stop(reason);
    this.#store.events.clear();
    this.#session.clear();
    await left;
  }

  #wake(networkChanged: boolean): void {
    this.#stream.wake(networkChanged);
    if (networkChanged) this.#matchController.call?.networkChanged();
  }

  #warn(warning: Warning): void {
    this.#store.events.emit("warning", warning);
    // It is for statistics only, so nothing depends on it.
    this.#api.reportProblem({ problem: fromWarningCode(warning.code) }).catch(() => undefined);
  }

  #call(): Call {
    const { call } = this.#matchController;
    if (!call) throw noPartnerError("send a message to");
    return call;
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError();
  }

  /** Without WebRTC a match would only take a partner's time. */
  #assertCanCall(): void {
    if (this.#peerSource.available) return;
    throw new SatoshigleError("no_webrtc", "WebRTC is missing in this browser.");
  }
}

function closedError(): SatoshigleError {
  return new SatoshigleError("closed", "The client was closed.");
}

function joinPath(url: string, path = ""): string {
  const prefix = path.replace(/^\/+|\/+$/g, "");
  const base = url.replace(/\/+$/, "");
  return prefix === "" ? base : `${base}/${prefix}`;
}

import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { createApi, type Api } from "./connection/api.js";
import { Calls } from "./call/calls.js";
import { isLine } from "./call/chat-channel.js";
import { CommandQueue } from "./matching/command-queue.js";
import { SatoshigleError } from "./errors.js";
import { Following } from "./matching/following.js";
import { IceServers } from "./call/ice-servers.js";
import { MatchController } from "./matching/match-controller.js";
import { PeerSource } from "./call/peer-source.js";
import { PreparedOffers } from "./call/prepared-offer.js";
import { Resuming } from "./matching/resuming.js";
import { Session } from "./connection/session.js";
import { SessionStream } from "./connection/session-stream.js";
import type {
  CallStats,
  ClientEvents,
  ClientOptions,
  Preferences,
  ReportReason,
  SatoshigleClient,
  SatsStream,
  SatsStreamOptions,
  State,
  Tip,
  TipTotals,
} from "./types.js";
import { Tipping } from "./tips/tipping.js";
import { PendingTips } from "./tips/pending-tips.js";
import { StateStore } from "./state-store.js";
import type { Wallet } from "./wallets/wallet.js";
import { watchNetwork } from "./connection/network-events.js";

/** A page that goes does not wait for a server that is away. */
const FAREWELL_MS = 2_000;

/**
 * A person in the random video chat: `new Satoshigle(url)`, then `setMedia`, `start` and the events.
 *
 * It keeps the way to the server open by itself and negotiates the calls; a page has no WebRTC to write.
 */
export class Satoshigle implements SatoshigleClient {
  readonly #view = new StateStore();
  readonly #session: Session;
  readonly #api: Api;
  readonly #stream: SessionStream;
  readonly #source = new PeerSource(new IceServers(() => this.#api.getIceServers()));
  readonly #preparation = new PreparedOffers(this.#source, () => this.#session.wanted);
  readonly #calls: Calls;
  readonly #matching: MatchController;
  readonly #tipping: Tipping;
  readonly #unwatch: () => void;
  #closed = false;

  /**
   * Nothing is opened yet.
   * @param url the server's address, such as `https://chat.example.com`
   * @param transport replaces the connection to the server; for tests
   */
  constructor(url: string, options: ClientOptions = {}, transport?: Transport) {
    const baseUrl = joinPath(url, options.path);
    this.#session = new Session(baseUrl, options.storage);
    this.#api = createApi(
      transport ?? createConnectTransport({ baseUrl, useBinaryFormat: true }),
      () => this.#session.token,
    );
    this.#stream = new SessionStream(this.#api, this.#session, baseUrl, {
      connection: (connection) => {
        this.#view.setConnection(connection);
        this.#calls.setOnline(connection.status === "online");
      },
      welcome: (welcome, fresh) => {
        resuming.welcome(welcome, fresh);
        this.#tipping.welcome(welcome);
      },
      event: (event) => {
        if (event.case === "tipUpdated") this.#tipping.updated(event.value.tip);
        else following.event(event);
      },
      problem: (error) => this.#view.events.emit("error", error),
      stopped: (error) => following.stopped(error),
    });
    const parts = {
      view: this.#view,
      api: this.#api,
      session: this.#session,
      source: this.#source,
      preparation: this.#preparation,
      rematch: options.rematch ?? true,
      commands: new CommandQueue(this.#stream),
    };
    this.#calls = new Calls({ ...parts, link: this.#stream, lost: () => this.#matching.lost() });
    this.#matching = new MatchController({ ...parts, calls: this.#calls });
    const following = new Following({ ...parts, calls: this.#calls }, this.#matching);
    const resuming = new Resuming({ ...parts, calls: this.#calls }, this.#matching);
    const unfinished = new PendingTips(baseUrl, options.tipStorage ?? null);
    this.#tipping = new Tipping({ ...parts, link: this.#stream, unfinished });
    this.#unwatch = watchNetwork((networkChanged) => this.#stream.wake(networkChanged));
  }

  /** How things stand now. A new object at each change, which `state` events carry. */
  get state(): State {
    return this.#view.state;
  }

  /** Registers a listener; the returned function removes it. */
  on<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): () => void {
    return this.#view.events.on(event, listener);
  }

  /** The camera and microphone to send, `null` for none. A running call changes over without a break. */
  async setMedia(stream: MediaStream | null): Promise<void> {
    this.#refuseClosed();
    this.#source.media = stream;
    if (stream && this.state.connection.status === "online") void this.#preparation.warm();
    await Promise.all([this.#calls.setMedia(stream), this.#preparation.setMedia(stream)]);
  }

  /** Opens the stream, resuming a kept session, without looking for anyone. Resolves when the stream is open. */
  async connect(): Promise<void> {
    this.#refuseClosed();
    this.#stream.start();
    await this.#stream.online();
  }

  /** Looks for a partner. Without preferences, those of the last call hold. In a match they count for the next one. */
  async start(preferences?: Preferences): Promise<void> {
    this.#refuseClosed();
    this.#stream.start();
    await this.#matching.start(preferences);
  }

  /** Leaves the current partner, who vanishes at once, for the next one. */
  async next(): Promise<void> {
    this.#refuseClosed();
    this.#stream.start();
    await this.#matching.next();
  }

  /** Back to idle, at once on this side. Resolves when the server knows; commands that still waited resolve with it. */
  async stop(): Promise<void> {
    if (this.#closed || !this.#stream.running) return;
    await this.#matching.stop();
  }

  /** Reports the current partner, or the one of `matchId` from the last ten minutes; ends the match. */
  async report(reason: ReportReason, comment = "", matchId?: string): Promise<void> {
    this.#refuseClosed();
    this.#stream.start();
    await this.#matching.report(reason, comment, matchId);
  }

  /** Sends a line to the partner, and shows it as a `message` event of this side. */
  say(text: string): void {
    if (!isLine(text)) throw new SatoshigleError("invalid", "A line has 1 to 2,000 characters.", { field: "text" });
    if (!this.#calls.chatReady) throw new SatoshigleError("match_over", "There is no partner to talk to right now.");
    this.#calls.say(text);
    this.#view.events.emit("message", { from: "me", text, atMs: Date.now() });
  }

  /** Asks the partner of a relayed call to go direct, or agrees when the partner has asked. */
  goDirect(): void {
    this.#calls.goDirect();
  }

  /** Says no to a partner who asked to go direct. */
  stayRelayed(): void {
    this.#calls.stayRelayed();
  }

  /** Quality of the running call, or `null` when there is none. */
  stats(): Promise<CallStats | null> {
    return this.#calls.stats();
  }

  /** The wallet that makes invoices and pays from now on; `null` for none. */
  setWallet(wallet: Wallet | null, options?: { answer?: "automatic" | "ask" }): void {
    this.#tipping.setWallet(wallet, options);
  }

  /** Offers the partner a tip, in thousandths of a satoshi. Resolves when the server has taken it. */
  async tip(amountMsat: number, comment?: string): Promise<Tip> {
    this.#refuseClosed();
    return this.#tipping.tip(amountMsat, comment);
  }

  /** Answers a tip to this side, with an invoice from elsewhere or one of the wallet. */
  async acceptTip(tipId: string, invoice?: string): Promise<void> {
    await this.#tipping.acceptTip(tipId, invoice);
  }

  /** Says no to a tip to this side. */
  async declineTip(tipId: string): Promise<void> {
    await this.#tipping.declineTip(tipId);
  }

  /** Gives up a tip of this side that is surely not paid. */
  async cancelTip(tipId: string): Promise<void> {
    await this.#tipping.cancelTip(tipId);
  }

  /** Has the wallet pay an invoiced tip that it did not pay by itself. */
  async payTip(tipId: string): Promise<void> {
    await this.#tipping.payTip(tipId);
  }

  /** Shows the proof of a payment that the person made elsewhere. */
  async confirmTip(tipId: string, preimage: string): Promise<void> {
    await this.#tipping.confirmTip(tipId, preimage);
  }

  /** Tips at a steady rate while the call lasts. */
  streamSats(options: SatsStreamOptions): SatsStream {
    this.#refuseClosed();
    return this.#tipping.streamSats(options);
  }

  /** Every tip this client knows of, the oldest first. */
  get tips(): readonly Tip[] {
    return this.#tipping.tips;
  }

  /** What was settled in a match, by default the current one or the last. */
  tipTotals(matchId?: string): TipTotals {
    return this.#tipping.tipTotals(matchId);
  }

  /** Leaves, closes the stream and forgets the session. Nothing is emitted afterwards. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unwatch();
    const left = this.#session.token === undefined ? undefined : this.#api.leave(FAREWELL_MS).catch(() => undefined);
    this.#matching.finish("left", false);
    this.#view.setActivity({ phase: "idle" });
    this.#preparation.close();
    this.#tipping.close();
    this.#stream.stop(new SatoshigleError("internal", CLOSED_MESSAGE));
    this.#view.events.clear();
    this.#session.clear();
    await left;
  }

  #refuseClosed(): void {
    if (this.#closed) throw new SatoshigleError("internal", CLOSED_MESSAGE);
  }
}

const CLOSED_MESSAGE = "The client was closed.";

function joinPath(url: string, path = ""): string {
  const prefix = path.replace(/^\/+|\/+$/g, "");
  const base = url.replace(/\/+$/, "");
  return prefix === "" ? base : `${base}/${prefix}`;
}

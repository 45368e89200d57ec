import { Endpoints } from "./endpoints.js";
import { ReconnectingClient, pause } from "./reconnecting-client.js";
import { PATIENCE_MS } from "../../support/patience.js";

/** How many signals each side sends per match while roaming. */
const SIGNALS = 3;
/** The longest stay with a partner while roaming, in milliseconds: long enough to run two tests on one machine. */
const LOOK_MS = 500;

/** Many clients, their streams spread over the instances of a fleet. */
export class Crowd {
  readonly clients: ReconnectingClient[] = [];
  readonly #endpoints: Endpoints;
  #roaming: Promise<void>[] = [];
  #calm = true;

  private constructor(streamUrls: string[], callUrls?: string[]) {
    this.#endpoints = new Endpoints(streamUrls, callUrls);
  }

  /** @param callUrls where calls go, in turn; to the instances of the streams by default */
  static async enter(size: number, streamUrls: string[], callUrls?: string[]): Promise<Crowd> {
    const crowd = new Crowd(streamUrls, callUrls);
    for (let index = 0; index < size; index++) {
      crowd.clients.push(new ReconnectingClient(`client ${String(index)}`, crowd.#endpoints, index));
    }
    try {
      await Promise.all(crowd.clients.map((client) => client.enter()));
    } catch (error) {
      await crowd.close();
      throw error;
    }
    return crowd;
  }

  client(index: number): ReconnectingClient {
    const client = this.clients[index];
    if (client === undefined) throw new Error(`there is no client ${String(index)}`);
    return client;
  }

  /** The number of ended matches, counted by both sides. */
  get partings(): number {
    return this.clients.reduce(
      (sum, { conversations }) => sum + [...conversations.values()].filter(({ over }) => over).length,
      0,
    );
  }

  /** How many signals have been received. */
  get received(): number {
    return this.clients.reduce(
      (sum, { conversations }) =>
        sum + [...conversations.values()].reduce((own, { received }) => own + received.length, 0),
      0,
    );
  }

  /** All clients repeatedly find a partner, exchange signals and go on to the next. */
  roam(): void {
    this.#begin((client) => this.#roamAs(client));
  }

  /** All clients repeatedly find a partner and leave, and soon their session too. So nobody runs out of new partners. */
  visit(): void {
    this.#begin((client) => this.#visitAs(client));
  }

  /** All clients find one partner and keep sending it signals. */
  converse(): void {
    this.#begin((client) => this.#converseAs(client));
  }

  #begin(live: (client: ReconnectingClient) => Promise<void>): void {
    this.#calm = false;
    this.#roaming = this.clients.map((client) =>
      live(client).catch((error: unknown) => {
        const { message, cause } = error as Error;
        client.problems.push(cause instanceof Error ? `${message}: ${cause.message}` : message);
      }),
    );
  }

  /** All clients finish their current call. */
  async rest(): Promise<void> {
    this.#calm = true;
    this.clients.forEach((client) => client.poke());
    await Promise.all(this.#roaming);
    this.#roaming = [];
  }

  async close(): Promise<void> {
    this.#calm = true;
    await Promise.all(this.clients.map((client) => client.close()));
    await Promise.allSettled(this.#roaming);
    this.#endpoints.close();
  }

  async #roamAs(client: ReconnectingClient): Promise<void> {
    let leaveMatchId = "";
    for (let round = 1; !this.#calm; round++) {
      const { fresh } = client;
      await client.match({ leaveMatchId });
      const goesOn = () => this.#calm || this.#hasNew(client, leaveMatchId) || client.fresh !== fresh;
      await client.until("a partner", goesOn, PATIENCE_MS);
      const { matchId, conversation } = client;
      if (matchId === undefined || conversation === undefined) continue; // the search was lost: repeat it
      for (let sent = 0; sent < SIGNALS; sent++) await client.send(matchId);
      const heard = () => conversation.over || conversation.lossy || conversation.received.length >= SIGNALS;
      await client.until("the partner's signals", () => this.#calm || heard(), PATIENCE_MS);
      leaveMatchId = conversation.over ? "" : matchId;
      await pause(LOOK_MS);
      if (round % 4 === 0) await client.report(matchId);
      if (round % 4 === 1) await client.leave();
    }
  }

  async #visitAs(client: ReconnectingClient): Promise<void> {
    for (let round = 1; !this.#calm; round++) {
      const { fresh, conversations } = client;
      const { size } = conversations;
      await client.match();
      // The partner may have left already.
      await client.until("a partner", () => this.#calm || conversations.size > size || client.fresh !== fresh);
      await pause();
      if (round % 4 === 0) client.startOver();
      else await client.leave();
    }
  }

  async #converseAs(client: ReconnectingClient): Promise<void> {
    await client.match();
    await client.until("a partner", () => this.#calm || client.matchId !== undefined);
    const { matchId } = client;
    while (!this.#calm && matchId !== undefined && (await client.send(matchId))) await pause();
  }

  /** Whether the client is in a match other than the one it wants to leave. */
  #hasNew({ matchId }: ReconnectingClient, left: string): boolean {
    return matchId !== undefined && matchId !== left;
  }
}

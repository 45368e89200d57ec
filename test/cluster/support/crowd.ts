import { Doors } from "./doors.js";
import { Guest, pause } from "./guest.js";

/** How many signals each side sends in a match of somebody who roams. */
const SIGNALS = 3;
/** How long somebody who roams looks at a partner at most: long enough that crowds of two tests fit on one machine. */
const LOOK_MS = 500;

/** Many guests, their streams spread over the instances of a fleet. */
export class Crowd {
  readonly guests: Guest[] = [];
  readonly #doors: Doors;
  #roaming: Promise<void>[] = [];
  #calm = true;

  private constructor(streamUrls: string[], callUrls?: string[]) {
    this.#doors = new Doors(streamUrls, callUrls);
  }

  /** @param callUrls where calls go, in turn, if not to where the streams are */
  static async enter(size: number, streamUrls: string[], callUrls?: string[]): Promise<Crowd> {
    const crowd = new Crowd(streamUrls, callUrls);
    for (let index = 0; index < size; index++) {
      crowd.guests.push(new Guest(`guest ${String(index)}`, crowd.#doors, index));
    }
    try {
      await Promise.all(crowd.guests.map((guest) => guest.enter()));
    } catch (error) {
      await crowd.close();
      throw error;
    }
    return crowd;
  }

  guest(index: number): Guest {
    const guest = this.guests[index];
    if (guest === undefined) throw new Error(`there is no guest ${String(index)}`);
    return guest;
  }

  /** The ends of matches so far, each counted by both sides. */
  get partings(): number {
    return this.guests.reduce((sum, { talks }) => sum + [...talks.values()].filter(({ over }) => over).length, 0);
  }

  /** How many signals came so far. */
  get received(): number {
    return this.guests.reduce(
      (sum, { talks }) => sum + [...talks.values()].reduce((own, { received }) => own + received.length, 0),
      0,
    );
  }

  /** Everybody looks for partners, exchanges signals with them, and goes on to the next. */
  roam(): void {
    this.#begin((guest) => this.#roamAs(guest));
  }

  /** Everybody finds one partner and goes on sending signals to it. */
  converse(): void {
    this.#begin((guest) => this.#converseAs(guest));
  }

  #begin(live: (guest: Guest) => Promise<void>): void {
    this.#calm = false;
    this.#roaming = this.guests.map((guest) =>
      live(guest).catch((error: unknown) => {
        const { message, cause } = error as Error;
        guest.problems.push(cause instanceof Error ? `${message}: ${cause.message}` : message);
      }),
    );
  }

  /** Everybody finishes the call they are at. */
  async rest(): Promise<void> {
    this.#calm = true;
    this.guests.forEach((guest) => guest.poke());
    await Promise.all(this.#roaming);
    this.#roaming = [];
  }

  async close(): Promise<void> {
    this.#calm = true;
    await Promise.all(this.guests.map((guest) => guest.close()));
    await Promise.allSettled(this.#roaming);
    this.#doors.close();
  }

  async #roamAs(guest: Guest): Promise<void> {
    let leaveMatchId = "";
    for (let round = 1; !this.#calm; round++) {
      const { fresh } = guest;
      await guest.match({ leaveMatchId });
      const goesOn = () => this.#calm || this.#hasNew(guest, leaveMatchId) || guest.fresh !== fresh;
      await guest.until("a partner", goesOn, 60_000);
      const { matchId, talk } = guest;
      if (matchId === undefined || talk === undefined) continue; // the wish was lost: once more
      for (let sent = 0; sent < SIGNALS; sent++) await guest.send(matchId);
      const heard = () => talk.over || talk.lossy || talk.received.length >= SIGNALS;
      await guest.until("the partner's signals", () => this.#calm || heard(), 60_000);
      leaveMatchId = talk.over ? "" : matchId;
      await pause(LOOK_MS);
      if (round % 4 === 0) await guest.report(matchId);
      if (round % 4 === 1) await guest.leave();
    }
  }

  async #converseAs(guest: Guest): Promise<void> {
    await guest.match();
    await guest.until("a partner", () => this.#calm || guest.matchId !== undefined);
    const { matchId } = guest;
    while (!this.#calm && matchId !== undefined && (await guest.send(matchId))) await pause();
  }

  /** Whether the guest is in a match other than the one it wants to leave. */
  #hasNew({ matchId }: Guest, left: string): boolean {
    return matchId !== undefined && matchId !== left;
  }
}

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Cable } from "./support/cable.js";
import { PATIENCE_MS } from "../support/patience.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";
import { TurnServer } from "./support/turn-server.js";

/** The shortest that the configuration allows. */
const LIFETIME_MS = 10_000;
const patience = { timeout: 40_000, interval: 200 };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Waits until both pictures move again, however often the connection comes and goes before. */
async function bothMove(...visits: Visit[]): Promise<void> {
  await Promise.all(
    visits.map(async ({ person }) => {
      await person.seesFrames(20);
      await person.until("connected");
    }),
  );
}

/** A server that relays every call, with a relay of its own. */
class Stage {
  readonly #people: CallPage[] = [];
  readonly #cables: Cable[] = [];

  private constructor(
    readonly turn: TurnServer,
    readonly server: ServerProcess,
  ) {}

  static async set(): Promise<Stage> {
    const turn = await TurnServer.start();
    const variables = { ...turn.variables, ICE_POLICY: "relay", TURN_LIFETIME_MS: String(LIFETIME_MS) };
    return new Stage(turn, await ServerProcess.start({ ...variables, MAX_CONNECTIONS_PER_IP: "100" }));
  }

  async arrive(): Promise<{ person: CallPage; cable: Cable }> {
    const cable = await Cable.to(this.server.url);
    this.#cables.push(cable);
    const person = await CallPage.arrive(browser, cable.url);
    this.#people.push(person);
    return { person, cable };
  }

  /** Two people in a call whose first credentials have expired. */
  async oldCall(): Promise<[Visit, Visit]> {
    const [ann, bob] = [await this.arrive(), await this.arrive()];
    await ann.person.startFirst();
    await bob.person.start();
    await Promise.all([ann.person.seesPartner(), bob.person.seesPartner()]);
    const firstUntilMs = Math.max(await ann.person.credentialsUntilMs(), await bob.person.credentialsUntilMs());
    expect(firstUntilMs).toBeLessThanOrEqual(Date.now() + LIFETIME_MS);
    await expect.poll(() => Date.now(), patience).toBeGreaterThan(firstUntilMs + 1_000);
    return [ann, bob];
  }

  async clear(): Promise<void> {
    const errors = this.#people.flatMap(({ pageErrors }) => pageErrors);
    for (const person of this.#people) await person.leaveForGood();
    for (const cable of this.#cables) cable.close();
    await this.server.close();
    await this.turn.close();
    expect(errors).toEqual([]);
  }
}

type Visit = Awaited<ReturnType<Stage["arrive"]>>;

const restarts = async ({ person }: Visit) => (await person.attempts()).restarts;

describe("a relayed call that is older than its credentials", () => {
  let stage: Stage;
  afterEach(() => stage.clear());

  it("is restored when the TURN server was restarted", async () => {
    stage = await Stage.set();
    const [ann, bob] = await stage.oldCall();
    await stage.turn.restart();
    // The first to notice restarts ICE, perhaps before the other has noticed. The phase may be too short to be seen.
    await expect
      .poll(async () => (await restarts(ann)) + (await restarts(bob)), { timeout: PATIENCE_MS })
      .toBeGreaterThan(0);
    await bothMove(ann, bob);
    expect(stage.turn.output).not.toMatch(/credentials? (expired|incorrect)/i);
  });

  it("is restored when one side reloads the page", async () => {
    stage = await Stage.set();
    const [ann, bob] = await stage.oldCall();
    await ann.person.page.reload();
    await Promise.all([ann.person.seesPartner(), bob.person.seesPartner()]);
    expect((await ann.person.attempts()).restarts).toBe(0);
  });

  it("is restored when one side changes its network and loses every connection", async () => {
    stage = await Stage.set();
    const [ann, bob] = await stage.oldCall();
    ann.cable.silence();
    await stage.turn.restart();
    await bob.person.until("reconnecting");
    ann.cable.mend();
    await bothMove(ann, bob);
  });

  it("is followed by the next one at the first attempt, with somebody whose page was idle as long", async () => {
    stage = await Stage.set();
    const carol = await stage.arrive();
    await carol.person.startFirst();
    await carol.person.stop();
    await carol.person.until("idle");
    const [ann] = await stage.oldCall();
    const before = await Promise.all([ann, carol].map(({ person }) => person.attempts()));
    await carol.person.startFirst();
    await ann.person.next();
    await Promise.all([ann.person.seesPartner(), carol.person.seesPartner()]);
    const after = await Promise.all([ann, carol].map(({ person }) => person.attempts()));
    for (const [index, { connections, restarts }] of after.entries()) {
      expect(restarts).toBe(before[index]?.restarts);
      // The one of the call, the one that was prepared in its place, and for carol the one that waited.
      expect(connections - (before[index]?.connections ?? 0)).toBeLessThanOrEqual(3);
    }
  });
});

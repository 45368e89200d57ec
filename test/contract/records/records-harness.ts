import { afterEach, beforeEach } from "vitest";
import type { Ban, BanRules } from "../../../src/core/ban.js";
import type { AddressKey, MatchId, NetworkKey, SessionId } from "../../../src/core/ids.js";
import type { Report } from "../../../src/core/report.js";
import type { LogEvent } from "../../../src/core/log-event.js";
import type { CaseStore } from "../../../src/ports/case-store.js";
import type { EvidenceStore } from "../../../src/ports/evidence-store.js";
import type { ModerationStore } from "../../../src/ports/moderation-store.js";
import type { OpenStores, StoreFixture } from "../../support/store-fixture.js";

const START_MS = 1_800_000_000_000;
export const LAST = Number.MAX_SAFE_INTEGER;
export const rules: BanRules = { afterReports: 3, durationMs: 3_600_000 };
export const key = (network: string) => network as AddressKey;
export const comments = (reports: readonly { comment: string }[]) => reports.map(({ comment }) => comment);

/** A moderation store, with the actions of the tests. */
export class RecordsHarness {
  nowMs = START_MS;
  #fixture: StoreFixture | undefined;
  #stores: OpenStores | undefined;
  #made = 0;

  /** Makes a harness that is fresh and empty for each test of a suite. */
  static of(create: () => Promise<StoreFixture>): RecordsHarness {
    const harness = new RecordsHarness();
    beforeEach(async () => {
      harness.nowMs = START_MS;
      harness.#fixture = await create();
      harness.#stores = await harness.#fixture.open();
    });
    afterEach(async () => {
      await harness.#stores?.close();
      await harness.#fixture?.remove();
    });
    return harness;
  }

  get records(): ModerationStore {
    if (this.#stores === undefined) throw new Error("can only be used in a test");
    return this.#stores.records;
  }

  get cases(): CaseStore {
    if (this.#stores === undefined) throw new Error("can only be used in a test");
    return this.#stores.cases;
  }

  get evidence(): EvidenceStore {
    if (this.#stores === undefined) throw new Error("can only be used in a test");
    return this.#stores.evidence;
  }

  async events(): Promise<LogEvent[]> {
    return ((await this.#stores?.events.after(0, 1_000))?.events ?? []).map(({ event }) => event);
  }

  /** Closes the stores and opens them again. */
  async reopen(): Promise<void> {
    await this.#stores?.close();
    this.#stores = await this.#fixture?.open();
  }

  /** Opens the same stores as another instance, which the test must close. */
  another(): Promise<OpenStores> {
    if (this.#fixture === undefined) throw new Error("can only be used in a test");
    return this.#fixture.open();
  }

  reportFrom(reporter: string, reported: string, more: Partial<Report> = {}): Report {
    return {
      reporterId: `session-of-${reporter}` as SessionId,
      reporterKey: reporter as NetworkKey,
      reportedKey: reported as NetworkKey,
      matchId: `match-${String(++this.#made)}` as MatchId,
      bothHeard: true,
      reason: "spam",
      comment: "“so” rude\n",
      matchStartMs: this.nowMs - 1_000,
      createdMs: this.nowMs,
      ...more,
    };
  }

  /** Stores a report. Returns whether it led to a ban. */
  async report(reporter: string, reported: string, more: Partial<Report> = {}): Promise<boolean> {
    return (await this.records.addReport(this.reportFrom(reporter, reported, more), rules)).ban !== undefined;
  }

  async bans(): Promise<Ban[]> {
    const found = await this.records.bansAfter(0, 1_000);
    return found.map((ban) => Object.fromEntries(Object.entries(ban).filter(([name]) => name !== "number")) as never);
  }

  banOf(network: string, more: Partial<Ban> = {}): Ban {
    const created = { addressKey: key(network), reason: "because", automatic: false, createdMs: this.nowMs };
    return { ...created, expiresMs: this.nowMs + 60_000, ...more };
  }
}

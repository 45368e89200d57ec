import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Database, open } from "lmdb";
import type { Records, Report } from "../../ports/records.js";

/**
 * Records in an embedded database file. A write is flushed to disk before it resolves, so it survives the process
 * being killed right after.
 */
export class LmdbRecords implements Records {
  readonly #reports: Database<Report, [string, string]>;
  /** Report keys by time, for listing. */
  readonly #byTime: Database<[string, string], [number, string, string]>;
  readonly #close: () => Promise<void>;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const root = open({ path: join(folder, "records.lmdb"), noMemInit: true });
    this.#reports = root.openDB({ name: "reports" });
    this.#byTime = root.openDB({ name: "reports-by-time" });
    this.#close = () => root.close();
  }

  async addReport(report: Report): Promise<boolean> {
    const key: [string, string] = [report.reporterId, report.matchId];
    const added = await this.#reports.transaction(() => {
      if (this.#reports.doesExist(key)) return false;
      void this.#reports.put(key, report);
      void this.#byTime.put([report.createdMs, ...key], key);
      return true;
    });
    await this.#reports.flushed;
    return added;
  }

  listReports(limit: number): Promise<Report[]> {
    const reports: Report[] = [];
    for (const { value } of this.#byTime.getRange({ reverse: true, limit })) {
      const report = this.#reports.get(value);
      if (report !== undefined) reports.push(report);
    }
    return Promise.resolve(reports);
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

import type { Records, Report } from "../../ports/records.js";
import type { Store } from "./store.js";

/** Records in Redis; as durable as its append-only file is set to be. */
export class RedisRecords implements Records {
  constructor(private readonly store: Store) {}

  async addReport(report: Report): Promise<boolean> {
    const id = `${report.reporterId} ${report.matchId}`;
    return (await this.store.run("add_report", id, JSON.stringify(report), report.createdMs)) === 1;
  }

  async listReports(limit: number): Promise<Report[]> {
    const { client, key } = this.store;
    const ids = await client.zrevrange(`${key}:reports:by_time`, 0, limit - 1);
    if (ids.length === 0) return [];
    const reports = await client.hmget(`${key}:reports`, ...ids);
    return reports.flatMap((report) => (report === null ? [] : [JSON.parse(report) as Report]));
  }

  /** The connection is the store's. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

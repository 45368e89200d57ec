import { on, type RedisCluster } from "../../support/redis-cluster.js";
import { RedisLink } from "./redis-link.js";
import { eventually } from "./settle.js";

/** Links between instances and a Cluster. Its servers announce the links as their addresses. */
export class ClusterLinks {
  private constructor(private readonly links: RedisLink[]) {}

  static async to(cluster: RedisCluster): Promise<ClusterLinks> {
    const links = await Promise.all(cluster.servers.map(({ port }) => RedisLink.to(port)));
    const ports = links.map(({ url }) => new URL(url).port);
    for (const [index, server] of cluster.servers.entries()) {
      await on(server, (client) => client.config("SET", "cluster-announce-port", ports[index] ?? ""));
    }
    await eventually("all servers announce the links", async () => {
      const announced = cluster.servers.map((server) => on(server, (client) => client.cluster("SLOTS")));
      return (await Promise.all(announced)).flat().every((range) => ports.includes(String((range[2] as string[])[1])));
    });
    return new ClusterLinks(links);
  }

  /** The value for REDIS_URL. */
  get url(): string {
    return this.links.map(({ url }) => url).join(",");
  }

  muteSubscribers(): void {
    for (const link of this.links) link.muteSubscribers();
  }

  unmute(): void {
    for (const link of this.links) link.unmute();
  }

  close(): void {
    for (const link of this.links) link.close();
  }
}

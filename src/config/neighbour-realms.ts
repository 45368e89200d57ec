import { redisUrl, refuse, text } from "./schemas.js";

/** A realm that people may meet those of, and where it is; without URLs, on the same Redis. */
export interface NeighbourRealm {
  name: string;
  /** Several for a Cluster. */
  urls: readonly string[];
}

/** Names of realms, each with the URL of its Redis if it has another; a name with several URLs is in a Cluster. */
export const neighbourRealms = text.transform((given, context) => {
  const found = new Map<string, string[]>();
  for (const item of given.split(/[\s,]+/).filter((one) => one !== "")) {
    const [, name = "", , url] = /^([\w-]{1,32})(=(.*))?$/.exec(item) ?? [];
    if (name === "") return refuse(context, "write eu, or eu=redis://host:6379 for a realm on another server");
    const urls = found.get(name) ?? [];
    if (found.has(name) && (url === undefined || urls.length === 0))
      return refuse(context, `${name} stands there twice`);
    found.set(name, url === undefined ? urls : [...urls, redisUrl(url, context)]);
  }
  return [...found].map(([name, urls]): NeighbourRealm => ({ name, urls }));
});

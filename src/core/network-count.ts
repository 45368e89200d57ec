import { shareOf, widerNetworks } from "./address.js";

/** Counts items per host, and per wider network that contains the hosts. */
export class NetworkCount {
  readonly #counts = new Map<string, number>();

  /** @param maxPerHost the limit of a host; wider networks have larger ones (`shareOf`) */
  constructor(private readonly maxPerHost: number) {}

  /** Whether the host, or a network that contains it, has reached its limit, or another one. */
  isFull(host: string, maxPerHost = this.maxPerHost): boolean {
    if (this.#of(host) >= maxPerHost) return true;
    return widerNetworks(host).some((network, index) => this.#of(network) >= shareOf(index + 1, maxPerHost));
  }

  add(host: string): void {
    for (const network of [host, ...widerNetworks(host)]) this.#counts.set(network, this.#of(network) + 1);
  }

  remove(host: string): void {
    for (const network of [host, ...widerNetworks(host)]) {
      const left = this.#of(network) - 1;
      if (left > 0) this.#counts.set(network, left);
      else this.#counts.delete(network);
    }
  }

  #of(network: string): number {
    return this.#counts.get(network) ?? 0;
  }
}

import { printTable } from "../table.js";
import { spread } from "../statistics.js";
import type { Network, OldNetwork } from "./network.js";
import type { Street } from "./street.js";
import { Visitor } from "./visitor.js";

/** How long a call runs before its network changes. */
const TALKING_MS = 3_000;
/** How long a browser may take to notice that the network is the first one again. */
const SETTLING_MS = 3_000;
/** How long the pictures are watched after the change. */
const WATCHING_MS = 15_000;

const changes: { old: OldNetwork; name: string; targetMs: number }[] = [
  { old: "gone", name: "the old address is gone", targetMs: 4_000 },
  { old: "dead", name: "the old address stays, its link is dead", targetMs: 6_000 },
];

/** How long both pictures stand still when the network of one of two in a call changes. */
export async function measureChanges(street: Street, rounds: number): Promise<void> {
  const results = changes.map((change) => ({ ...change, tookMs: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { old, tookMs } of results) tookMs.push(await measureChange(street, old));
  }
  const rows = results.map(({ name, targetMs, tookMs }) => ({
    "change of network": name,
    ours: spread(tookMs, 0),
    target: `≤ ${String(targetMs)}`,
    met: Math.max(...tookMs) <= targetMs ? "yes" : "no",
  }));
  printTable(`ms until both pictures move again; median (range) of ${String(rounds)}`, rows);
}

async function measureChange({ browsers, pages, network }: Street, old: OldNetwork): Promise<number> {
  const [ann, bob] = [await Visitor.arrive(browsers.ann, pages.ours), await Visitor.arrive(browsers.bob, pages.ours)];
  await ann.press("start");
  await ann.untilWaiting();
  await bob.press("start");
  await Promise.all([ann.firstFrame(), bob.firstFrame()]);
  await bob.page.waitForTimeout(TALKING_MS);
  const changedMs = change(network, old);
  await bob.page.waitForTimeout(WATCHING_MS);
  const tookMs = Math.max(...(await Promise.all([ann, bob].map((visitor) => visitor.movesAfter(changedMs)))));
  network.changeBack();
  await bob.page.waitForTimeout(SETTLING_MS);
  await Promise.all([ann.leave(), bob.leave()]);
  return tookMs;
}

function change(network: Network, old: OldNetwork): number {
  network.change(old);
  return Date.now();
}

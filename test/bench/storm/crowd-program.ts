import { Crowd } from "./crowd.js";
import type { Look, Order, Orders } from "./crowd-process.js";

/** A crowd in a process of its own: carries out one order after another, and answers each. */
const crowd = new Crowd();

const orders: { [Name in Order]: (order: Orders[Name]["order"]) => unknown } = {
  open: ({ ports, size }) => {
    crowd.connectTo(ports);
    return crowd.open(size);
  },
  match: (pairs) => crowd.match(pairs),
  send: (places) => crowd.send(places),
  resumeInTurn: () => crowd.resumeInTurn(),
  positions: () => crowd.positions,
  connectTo: (ports) => crowd.connectTo(ports),
  begin: () => crowd.begin(),
  takeOver: (positions) => crowd.takeOver(positions),
  look: (): Look => {
    const { user, system } = process.cpuUsage();
    return { attachedMs: crowd.attachedMs, record: crowd.record, cpuMs: (user + system) / 1000 };
  },
};

process.on("message", ({ name, order }: { name: Order; order: never }) => {
  Promise.resolve(orders[name](order)).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit());

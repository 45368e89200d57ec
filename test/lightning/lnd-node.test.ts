import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Code, ConnectError } from "@connectrpc/connect";
import { LndNode } from "../../src/adapters/lnd/node.js";
import { NodeAway, NodeRefusal } from "../../src/ports/lightning-node.js";
import { lightningNodeContract } from "../contract/lightning-node/index.js";
import { makeCertificate } from "../support/certificate.js";
import { lndHarness } from "../support/lightning/lnd-harness.js";
import { type LndStandIn, startLndStandIn } from "../support/lightning/lnd-stand-in.js";
import { soon } from "../support/soon.js";

// Not yet run against LND: a server of LND's own protos answers, before a node of the Lightning Development Kit.
// `npm run test:lnd` runs the same suite against an LND.

describe("the adapter of LND", () => {
  lightningNodeContract(async () => {
    const standIn = await startLndStandIn();
    const harness = await lndHarness(standIn.bed);
    const close = async () => {
      await harness.close();
      await standIn.close();
    };
    return { ...harness, close };
  });
});

describe("what can go wrong between the server and LND", () => {
  let standIn: LndStandIn;
  beforeAll(async () => {
    standIn = await startLndStandIn();
  });
  afterAll(() => standIn.close());

  /** Calls an adapter with changed settings once. */
  async function ask<T>(call: (node: LndNode) => Promise<T>, changed = {}): Promise<unknown> {
    const node = new LndNode({ ...standIn.bed.node, ...changed });
    try {
      return await call(node).catch((error: unknown) => error);
    } finally {
      await node.end();
    }
  }

  const info = (node: LndNode) => node.info();

  it("answers to the right certificate and macaroon", async () => {
    expect(await ask(info)).toMatchObject({ version: "lnd 0.20.0-beta", storesCommandIds: true });
  });

  it("trusts no certificate but the given one", async () => {
    const { ca: certificate, folder } = await makeCertificate();
    await rm(folder, { recursive: true });
    const error = await ask(info, { certificate });
    expect(error).toBeInstanceOf(NodeAway);
    expect(String(error)).toMatch(/LND_TLS_CERT_FILE is not LND's certificate: .*self-signed certificate/);
  });

  it("trusts the given certificate under a name that is not in it", async () => {
    const url = standIn.bed.node.url.replace("127.0.0.1", "127.0.0.2");
    expect(await ask(info, { url })).toBeInstanceOf(NodeAway); // nothing listens there
    expect(await ask(info, { url: standIn.bed.node.url.replace("127.0.0.1", "localhost") })).toHaveProperty("nodeId");
  });

  it("shows LND's words about a wrong macaroon", async () => {
    const error = await ask(info, { macaroon: "0201036c6e64" });
    expect(error).toEqual(new NodeRefusal("verification failed: signature mismatch after caveat verification"));
  });

  it("shows LND's words about whatever else it refuses, unchanged", async () => {
    const words = "fee rate 0 sat/vb is too low, min fee rate is 1 sat/vb: “100 %”";
    standIn.server.onCall = () => {
      throw new ConnectError(words, Code.Unknown);
    };
    expect(await ask((node) => node.settle("ab".repeat(32)))).toEqual(new NodeRefusal(words));
  });

  it.each([
    ["that its wallet is locked", "wallet locked, unlock it to enable full RPC access", Code.Unknown],
    [
      "that it starts",
      "the RPC server is in the process of starting up, but not yet ready to accept calls",
      Code.Unknown,
    ],
    ["that it is busy", "too many requests", Code.ResourceExhausted],
    ["of an inner error", "a bug", Code.Internal],
    ["that it is not available", "gone", Code.Unavailable],
  ])("takes the outcome as unknown when LND says %s", async (_, words, code) => {
    standIn.server.onCall = () => {
      throw new ConnectError(words, code);
    };
    expect(await ask((node) => node.cancel("ab".repeat(32)))).toEqual(new NodeAway(words));
  });

  it("takes the outcome as unknown when LND does not answer in time", async () => {
    standIn.server.onCall = () => new Promise(() => undefined);
    const deadlines = { askMs: 100, commandMs: 100 };
    expect(await ask(info, { deadlines })).toBeInstanceOf(NodeAway);
    const terms = { commandId: "a", peerId: "ab", peerAddress: "", capacitySat: 20_000, pushSat: 0 };
    const open = (node: LndNode) => node.open({ ...terms, isPrivate: false, feeRateSatPerVbyte: 0 });
    expect(await ask(open, { deadlines })).toBeInstanceOf(NodeAway);
  });

  it("takes the outcome as unknown when the connection breaks before the answer", async () => {
    let broken: Promise<void> | undefined;
    standIn.server.onCall = () => {
      broken = standIn.server.stop();
      return new Promise(() => undefined);
    };
    expect(await ask((node) => node.settle("ab".repeat(32)))).toBeInstanceOf(NodeAway);
    await broken;
    standIn.server.onCall = () => undefined;
    await standIn.server.start();
    expect(await ask(info)).toHaveProperty("nodeId");
  });

  it("notices that LND restarts while it watches, and watches again", async () => {
    standIn.server.onCall = () => undefined;
    const node = new LndNode(standIn.bed.node);
    const watch = async (signal: AbortSignal, onChange: () => void) => {
      const changes = node.changes(signal)[Symbol.asyncIterator]();
      while ((await changes.next()).done !== true) onChange();
    };
    let count = 0;
    const watching = watch(new AbortController().signal, () => count++).catch((error: unknown) => error);
    await soon(() => {
      expect(count).toBe(1);
    });
    await standIn.server.stop();
    expect(await watching).toBeInstanceOf(NodeAway);
    await standIn.server.start();
    const aborter = new AbortController();
    await watch(aborter.signal, () => {
      aborter.abort();
    });
    await node.end();
  });
});

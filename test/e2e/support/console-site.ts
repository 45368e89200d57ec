import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { Browser } from "playwright-core";
import { ActionService } from "../../../gen/satoshigle/internal/v1/action_pb.js";
import { AdminService } from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { Description_Type } from "../../../gen/satoshigle/v1/signal_pb.js";
import { appSecret, identityToken } from "../../support/app-keys.js";
import { type Pair, roomy, uniqueInterest } from "../../support/pair.js";
import { freePort } from "../../support/ports.js";
import { sdp } from "../../support/sdp.js";
import { TestClient, transportTo } from "../../support/test-client.js";
import { launchBrowser, STILL } from "./chromium.js";
import { ConsolePage } from "./console-page.js";
import { ServerProcess } from "./server-process.js";

/** A server whose console is opened, and the people on it. */
export class ConsoleSite {
  readonly admin: Client<typeof AdminService>;
  readonly moderation: Client<typeof ModerationService>;
  readonly actions: Client<typeof ActionService>;
  readonly #people: TestClient[] = [];

  private constructor(
    private readonly browser: Browser,
    readonly server: ServerProcess,
    readonly url: string,
  ) {
    const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1" });
    this.admin = createClient(AdminService, transport);
    this.moderation = createClient(ModerationService, transport);
    this.actions = createClient(ActionService, transport);
  }

  static async open(variables: Record<string, string> = {}): Promise<ConsoleSite> {
    const [browser, port] = [await launchBrowser(), String(await freePort())];
    const server = await ServerProcess.start({
      ...roomy,
      ...{ INTERNAL_PORT: port, IDENTITY_SECRET: appSecret, SESSIONS_PER_PERSON: "100" },
      CONNECTION_TIMEOUT_MS: "300000", // no match without an answer ends while tests look at it
      ...variables,
    });
    return new ConsoleSite(browser, server, `http://localhost:${port}`);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await Promise.all(this.#people.map((person) => person.break()));
    await this.server.close();
  }

  /** A page of the console in a browser profile of its own. */
  async visit(width = 1280, colorScheme: "light" | "dark" = "light"): Promise<ConsolePage> {
    const page = await this.browser.newPage({ viewport: { width, height: 1000 }, colorScheme, ...STILL });
    return new ConsolePage(page, this.url);
  }

  /** The session of a person, or of an anonymous one. */
  async enter(subject?: string): Promise<TestClient> {
    const resume = subject === undefined ? {} : { identityToken: await identityToken({ sub: subject }) };
    const person = await TestClient.open(transportTo(this.server.url), resume);
    this.#people.push(person);
    return person;
  }

  /** A match of two sessions; of new ones of two people, or of anonymous ones. */
  async match(...subjects: [string?, string?]): Promise<Pair> {
    const [answerer, offerer] = [await this.enter(subjects[0]), await this.enter(subjects[1])];
    const request = { preferences: { interests: [uniqueInterest()] } };
    await answerer.match(request);
    await offerer.match(request);
    const [{ matchId }] = await Promise.all([answerer.until("matched"), offerer.until("matched")]);
    return { matchId, offerer, answerer };
  }

  /** The same, once a call was answered. */
  async call(...subjects: [string?, string?]): Promise<Pair> {
    const met = await this.match(...subjects);
    const describe = (type: Description_Type) => ({
      ...{ matchId: met.matchId, clientSequence: 1 },
      signals: [{ kind: { case: "description" as const, value: { type, sdp: sdp(), connectionId: "c" } } }],
    });
    await met.offerer.send(describe(Description_Type.OFFER));
    await met.answerer.until("signalReceived");
    await met.answerer.send(describe(Description_Type.ANSWER));
    return met;
  }
}

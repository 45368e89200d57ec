import type { Locator, Page } from "playwright-core";
import { PATIENCE_MS } from "../../support/patience.js";

export const VIEWS = [
  "status",
  "cases",
  "actions",
  "bans",
  "appeals",
  "people",
  "sessions",
  "matches",
  "lightning",
  "deposits",
  "payments",
  "audit",
  "webhooks",
] as const;
/** More controls than a view of a test has. */
const MAX_PRESSES = 200;

export type View = (typeof VIEWS)[number];

/** The page of operators, as they use it. */
export class ConsolePage {
  /** What the browser and the page complained about, which includes the Content Security Policy. */
  readonly complaints: string[] = [];

  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("console", (message) => this.complaints.push(message.text()));
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  /** Loads the page at a view, until it shows what the server has. */
  async open(view: View, filter = ""): Promise<void> {
    await this.page.goto("about:blank"); // or else only the part after # changes, and what was shown stays for a while
    await this.page.goto(`${this.url}/#/${view}${filter}`);
    await this.page.getByRole("heading", { level: 1, name: view }).waitFor();
    const shown = view === "status" ? '[data-figure="sessionCount"]:text-matches("^[0-9]")' : "tbody tr, .none";
    await this.page.locator(shown).filter({ hasNotText: "Loading" }).first().waitFor();
  }

  /** Loads the page at a case, until it shows its reports. */
  async openCase(caseId: string): Promise<void> {
    await this.page.goto("about:blank");
    await this.page.goto(`${this.url}/#/cases/${caseId}`);
    await this.page.locator("[data-report]").first().waitFor();
  }

  close(): Promise<void> {
    return this.page.close();
  }

  get dialog(): Locator {
    return this.page.getByRole("dialog");
  }

  get alert(): Locator {
    return this.page.getByRole("alert");
  }

  /** The rows of a list, or those that name something. */
  rows(hasText = ""): Locator {
    return this.page.locator("tbody tr").filter({ hasText });
  }

  button(name: string | RegExp, within: Page | Locator = this.page): Locator {
    return within.getByRole("button", { name, exact: true });
  }

  press(name: string | RegExp, within?: Locator): Promise<void> {
    return this.button(name, within).click();
  }

  /** What was done last. */
  async says(text: string): Promise<void> {
    await this.page.getByRole("status").filter({ hasText: text }).waitFor();
  }

  /** The name or the text of what has the focus. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
    });
  }

  /** Moves the focus with the keyboard alone. */
  async tabTo(name: string): Promise<void> {
    for (let presses = 0; presses < MAX_PRESSES; presses++) {
      await this.page.keyboard.press("Tab");
      if ((await this.focused()) === name) return;
    }
    throw new Error(`no key leads to ${name}`);
  }

  async banByHand(who: string, kind: "subject" | "key" = "subject", reason = ""): Promise<void> {
    const form = this.page.getByRole("form", { name: "New ban" });
    await form.getByRole("combobox", { name: "Who" }).selectOption(kind);
    await form.getByRole("textbox", { name: "Subject or key" }).fill(who);
    await form.getByRole("textbox", { name: "Reason" }).fill(reason);
    await form.getByRole("button", { name: "Ban" }).click();
  }
}

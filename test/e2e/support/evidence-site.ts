import { randomUUID } from "node:crypto";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { type Attached, reportWithEvidence } from "../../support/evidence.js";
import type { ConsolePage } from "./console-page.js";
import { ConsoleSite } from "./console-site.js";

/** A server that takes evidence, whose moderators have a key. */
export class EvidenceSite {
  private constructor(
    readonly site: ConsoleSite,
    readonly key: string,
    readonly recipient: string,
  ) {}

  static async open(): Promise<EvidenceSite> {
    const key = await generateIdentity();
    const recipient = await identityToRecipient(key);
    const variables = { EVIDENCE: "chat_and_frames", EVIDENCE_RECIPIENTS: recipient, BAN_AFTER_REPORTS: "0" };
    return new EvidenceSite(await ConsoleSite.open(variables), key, recipient);
  }

  close(): Promise<void> {
    return this.site.close();
  }

  /** Somebody reports a person of its own with evidence. Returns the IDs of the case and of the report. */
  async report(attached: Omit<Attached, "recipient"> & { recipient?: string }, subject: string = randomUUID()) {
    const { matchId, offerer: reporter, answerer: partner } = await this.site.call(subject, randomUUID());
    await reportWithEvidence({ matchId, reporter, partner }, { recipient: this.recipient, ...attached });
    const { reports } = await this.site.moderation.listReports({ pageSize: 500 });
    const report = reports.find((one) => one.matchId === matchId);
    const { cases } = await this.site.moderation.listCases({ reportedKey: report?.reportedKey ?? "?" });
    return { caseId: cases[0]?.caseId ?? "", reportId: report?.reportId ?? "", subject };
  }

  /** Opens a case as a moderator with a name. */
  async openCase(operator: ConsolePage, caseId: string, name = "ann"): Promise<void> {
    await operator.page.addInitScript((chosen) => {
      if (location.protocol !== "about:") localStorage.setItem("satoshigle-moderator", chosen);
    }, name);
    await operator.openCase(caseId);
  }

  /** Enters a key in the dialog that asks for it. */
  async enterKey(operator: ConsolePage, key = this.key): Promise<void> {
    await operator.dialog.getByRole("textbox", { name: "Private key" }).fill(key);
    await operator.press("Decrypt", operator.dialog);
  }
}

/** A picture of the size that evidence allows, or of another one, as JPEG in base64. */
export function pictureIn({ page }: Pick<ConsolePage, "page">, width = 320, height = 240): Promise<string> {
  return page.evaluate(
    ([w, h]) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [w, h];
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no canvas");
      for (let at = 0; at < 8; at++) {
        context.fillStyle = `hsl(${String(at * 45)} 70% 55%)`;
        context.fillRect((at * w) / 8, 0, w / 8, h);
      }
      context.fillStyle = "black";
      context.font = "48px sans-serif";
      context.fillText("a face", w / 4, h / 2);
      return canvas.toDataURL("image/jpeg", 0.5).replace(/^[^,]*,/, "");
    },
    [width, height] as const,
  );
}

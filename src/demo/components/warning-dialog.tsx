import { useState } from "preact/hooks";
import type { WarningNotice } from "@satoshigle/client";
import { say } from "../say.js";
import type { NoticesView } from "../use-notices.js";
import { Dialog } from "./dialog.js";

/** Shows the oldest warning that this person has not acknowledged. One that is only closed comes back at the next visit. */
export function WarningDialog({ notices }: { notices: NoticesView }) {
  const [closed, setClosed] = useState<readonly string[]>([]);
  const warning = notices.unseen.find((notice): notice is WarningNotice => {
    return notice.kind === "warning" && !closed.includes(notice.actionId);
  });
  const close = () => warning && setClosed([...closed, warning.actionId]);
  return (
    <Dialog title={say("warning.title")} open={warning !== undefined} onClose={close} testId="warning-dialog">
      <p>{say("warning.text")}</p>
      {warning?.statement && (
        <blockquote class="dialog-quote" dir="auto" data-testid="warning-statement">
          {warning.statement}
        </blockquote>
      )}
      <button
        type="button"
        class="button button-strong"
        data-testid="warning-acknowledge"
        onClick={() => warning && notices.dismiss([warning])}
      >
        {say("warning.acknowledge")}
      </button>
    </Dialog>
  );
}

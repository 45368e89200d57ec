import { useEffect, useRef, useState } from "preact/hooks";
import { explainBan } from "../problems.js";
import { say, sentences } from "../say.js";
import type { BanView } from "../use-ban.js";
import { Notice } from "./notice.js";

interface Props {
  view: BanView;
  onDismiss: () => void;
}

/** Says what is banned, why and until when, and what became of the appeal or how to make one. */
export function BanNotice({ view: { ban, AppealDialog }, onDismiss }: Props) {
  const [writing, setWriting] = useState(false);
  /** The ban that was appealed against here, about which the server has not been asked again. */
  const [appealedId, setAppealedId] = useState<string | null>(null);
  const outcome = useRef<HTMLParagraphElement>(null);
  const appealedHere = appealedId === ban.banId;
  const state = ban.appeal === "none" && appealedHere && !writing ? "open" : ban.appeal;

  // The button that opened the dialog is gone.
  useEffect(() => {
    if (appealedHere && !writing) outcome.current?.focus();
  }, [appealedHere, writing]);

  const appealButton = (
    <button type="button" class="button button-strong" data-testid="appeal" onClick={() => setWriting(true)}>
      {say("ban.appeal")}
    </button>
  );
  return (
    <>
      <Notice
        problem={explainBan(ban)}
        onRemedy={() => undefined}
        onDismiss={onDismiss}
        action={state === "none" ? appealButton : undefined}
      >
        {ban.reason !== undefined && <Quote lead={say("ban.reason")} text={ban.reason} testId="ban-reason" />}
        {state !== "none" && (
          <p ref={outcome} class="notice-text" data-testid={`appeal-${state}`} tabIndex={-1}>
            {state === "open" ? sentences(say("ban.open"), say("ban.later")) : say("ban.upheld")}
          </p>
        )}
        {ban.answer !== undefined && <Quote lead={say("ban.answer")} text={ban.answer} testId="appeal-answer" />}
      </Notice>
      <AppealDialog
        ban={ban}
        open={writing}
        onClose={() => setWriting(false)}
        onAppealed={() => setAppealedId(ban.banId)}
      />
    </>
  );
}

/** Words of moderators. */
function Quote({ lead, text, testId }: { lead: string; text: string; testId: string }) {
  return (
    <>
      <p class="notice-text">{lead}</p>
      <blockquote class="notice-quote" dir="auto" data-testid={testId}>
        {text}
      </blockquote>
    </>
  );
}

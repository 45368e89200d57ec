/** The ID by which the controls that have no effect refer to the reason. */
export const LIMIT_ID = "limit";

/** Says that camera and microphone have no effect. Screen readers announce it, and repeat it at the controls. */
export function LimitNote({ text }: { text: string }) {
  return (
    <p id={LIMIT_ID} class="limit-note" role="status" data-testid="limit">
      {text}
    </p>
  );
}

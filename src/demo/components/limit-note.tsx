/** The ID by which the controls that have no effect refer to the reason. */
export const LIMIT_ID = "limit";

/** Explains that camera and microphone have no effect. It also describes the disabled controls to screen readers. */
export function LimitNote({ text }: { text: string }) {
  return (
    <p id={LIMIT_ID} class="limit-note" role="status" data-testid="limit">
      {text}
    </p>
  );
}

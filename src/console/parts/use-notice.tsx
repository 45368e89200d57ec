import { useLayoutEffect, useRef, useState } from "preact/hooks";

/**
 * A notice about the last action. It takes the focus, because the button that was pressed may be gone, and does so before
 * the next paint, so that screen readers announce nothing else first.
 */
export function useNotice() {
  const [said, setSaid] = useState({ text: "" });
  const place = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    if (said.text !== "") place.current?.focus();
  }, [said]);
  const notice = (
    <p class="notice" role="status" tabIndex={-1} ref={place}>
      {said.text}
    </p>
  );
  return { notice, say: (text: string) => setSaid({ text }) };
}

import { useLayoutEffect, useRef, useState } from "preact/hooks";

/**
 * What was done last, and a place for it. The focus moves there, as the button that was pressed may be gone: at once, so
 * that screen readers do not begin with another place.
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

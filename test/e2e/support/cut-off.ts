import type { Page } from "playwright-core";

/** The texts and controls that are partly outside the page or outside a box that clips or scrolls them. */
export function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const nameOf = (element: Element) => element.getAttribute("aria-label") ?? element.textContent.trim();
    const width = document.documentElement.clientWidth;
    /** Whether it is not for screen readers only: what is, is in a box that is clipped to nothing. */
    const isForEyes = (element: Element) => {
      for (let at: Element | null = element; at; at = at.parentElement) {
        if (getComputedStyle(at).clipPath !== "none") return false;
      }
      return true;
    };
    const isCut = (rect: DOMRect, element: Element) => {
      if (rect.left < -1 || rect.right > width + 1) return true;
      for (let at: Element | null = element; at && at !== document.body; at = at.parentElement) {
        const { overflowX } = getComputedStyle(at);
        const box = at.getBoundingClientRect();
        if (overflowX !== "visible" && (rect.left < box.left - 1 || rect.right > box.right + 1)) return true;
      }
      return false;
    };
    const cut = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element || node.textContent?.trim() === "" || !element.checkVisibility() || !isForEyes(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      if ([...range.getClientRects()].some((rect) => isCut(rect, element))) cut.add(element.textContent);
    }
    for (const control of document.querySelectorAll("button, a[href], input, select")) {
      if (control.checkVisibility() && isCut(control.getBoundingClientRect(), control)) cut.add(nameOf(control));
    }
    return [...cut];
  });
}

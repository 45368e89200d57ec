import type { Page } from "playwright-core";

/** Every pair of a control and a text, or of two controls, that cover each other on the screen, by their names. */
export function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    interface Box {
      left: number;
      top: number;
      right: number;
      bottom: number;
    }
    const meet = (a: Box, b: Box): Box => ({
      left: Math.max(a.left, b.left),
      top: Math.max(a.top, b.top),
      right: Math.min(a.right, b.right),
      bottom: Math.min(a.bottom, b.bottom),
    });
    /** Ignores borders that touch, and text that only screen readers read. */
    const isSeen = ({ left, top, right, bottom }: Box) => right - left > 2 && bottom - top > 2;
    const screen: Box = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };

    /** The part of a box that no ancestor clips. */
    function clipped(box: Box, element: Element): Box {
      let seen = meet(box, screen);
      for (let at: Element | null = element; at; at = at.parentElement) {
        const { overflowX, overflowY, position } = getComputedStyle(at);
        if (overflowX !== "visible" || overflowY !== "visible") seen = meet(seen, at.getBoundingClientRect());
        if (position === "fixed") break;
      }
      return seen;
    }

    const isShown = (element: Element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const controls = [...document.querySelectorAll("button, a[href], input, select, summary")]
      .filter(isShown)
      .map((element) => ({ element, box: clipped(element.getBoundingClientRect(), element) }))
      .filter(({ box }) => isSeen(box));

    const texts: { element: Element; text: string; box: Box }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? "";
      if (!element || text === "" || !isShown(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        const box = clipped(rect, element);
        if (isSeen(box)) texts.push({ element, text, box });
      }
    }

    const nameOf = (element: Element) => element.getAttribute("aria-label") ?? element.textContent.trim();
    const found = new Set<string>();
    for (const { element: control, box } of controls) {
      for (const { element, text, box: other } of texts) {
        const isOwn = control.contains(element) || element.closest("label")?.contains(control) === true;
        if (!isOwn && isSeen(meet(box, other))) found.add(`“${nameOf(control)}” covers “${text}”`);
      }
      for (const { element, box: other } of controls) {
        const isOwn = control.contains(element) || element.contains(control);
        if (!isOwn && isSeen(meet(box, other))) found.add(`“${nameOf(control)}” covers “${nameOf(element)}”`);
      }
    }
    return [...found];
  });
}

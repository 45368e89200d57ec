import type { AcceptedPlugin, Declaration } from "postcss";

/** Units of newer browsers, and what stands in for them: the stage that containers measure fills the window. */
const UNITS = { cqw: "vw", cqh: "vh", dvh: "vh" } as const;
const NEW_UNIT = new RegExp(`(\\d)(${Object.keys(UNITS).join("|")})\\b`, "g");
const MIX = /color-mix\(in srgb, ((?:var\([^)]*\)|[^,()])+?) (\d+)%, ((?:var\([^)]*\)|[^,()])+)\)/g;

/** Returns a value that older browsers understand, or the same value if they do already. */
export function olderValue(value: string): string {
  return value
    .replace(NEW_UNIT, (_, digit: string, unit: keyof typeof UNITS) => digit + UNITS[unit])
    .replace(MIX, (_, first: string, percent: string, second: string) => (Number(percent) >= 50 ? first : second));
}

/**
 * Adds fallbacks for browsers without container units, dynamic viewport units and `color-mix`: Chrome before 108, Safari
 * before 16.2 and Firefox before 113. A browser ignores a declaration that it does not understand, but not that of a
 * custom property, whose use is then invalid: the newer value of those applies only where it is supported.
 */
export function cssFallbacks(): AcceptedPlugin {
  const done = new WeakSet<Declaration>();
  return {
    postcssPlugin: "css-fallbacks",
    Declaration(declaration, { AtRule, Rule }) {
      const older = olderValue(declaration.value);
      if (older === declaration.value || done.has(declaration)) return;
      done.add(declaration);
      declaration.cloneBefore({ value: older });
      const rule = declaration.parent;
      if (!declaration.variable || !(rule instanceof Rule)) return;
      const supports = new AtRule({
        name: "supports",
        params: "(width: 1cqw) and (width: 1dvh) and (color: color-mix(in srgb, red, red))",
      });
      const newer = declaration.clone();
      declaration.remove();
      done.add(newer);
      rule.after(supports.append(new Rule({ selector: rule.selector }).append(newer)));
    },
  };
}

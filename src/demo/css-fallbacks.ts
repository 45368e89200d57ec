import type { AcceptedPlugin, AtRule, Declaration } from "postcss";

/** Units of newer browsers, and what stands in for them: the stage that containers measure fills the window. */
const UNITS = { cqw: "vw", cqh: "vh", dvh: "vh" } as const;
const NEW_UNIT = new RegExp(`(\\d)(${Object.keys(UNITS).join("|")})\\b`, "g");
const MIX = /color-mix\(in srgb, ((?:var\([^)]*\)|[^,()])+?) (\d+)%, ((?:var\([^)]*\)|[^,()])+)\)/g;

const SUPPORTED = "(width: 1cqw) and (width: 1dvh) and (color: color-mix(in srgb, red, red))";

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
    Declaration(declaration) {
      const { parent: rule, value } = declaration;
      const older = olderValue(value);
      if (older === value || done.has(declaration) || isConditional(rule)) return;
      done.add(declaration);
      declaration.cloneBefore({ value: older });
      if (!declaration.variable || rule?.type !== "rule") return;
      const newer = rule.clone({ nodes: [declaration.clone()] });
      rule.after({ name: "supports", params: SUPPORTED, nodes: [newer] });
      declaration.remove();
    },
  };
}

/** Whether the declarations of a rule apply only where the newer values are supported. */
function isConditional(rule: Declaration["parent"]): boolean {
  const parent = rule?.parent;
  return parent?.type === "atrule" && (parent as AtRule).params === SUPPORTED;
}

/** The values of the placeholders in a template. */
export interface TemplateValues {
  /** How long the credentials should be valid, in seconds. */
  lifetimeS: number;
  secret: string;
}

/**
 * Fills the placeholders `{lifetime}`, `{secret}` and `{secret:base64}`.
 * @param escape makes the secret fit its place
 */
export function fill(
  template: string,
  { lifetimeS, secret }: TemplateValues,
  escape = (text: string): string => text,
): string {
  return template.replace(/\{(lifetime|secret|secret:base64)\}/g, (_, name) => {
    if (name === "lifetime") return String(lifetimeS);
    return escape(name === "secret" ? secret : Buffer.from(secret).toString("base64"));
  });
}

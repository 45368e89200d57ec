/** The countries that users can choose, as codes of ISO 3166-1. */
export const COUNTRIES = ["ar", "br", "ca", "de", "es", "fr", "gb", "in", "it", "jp", "mx", "ng", "pl", "us"] as const;

export type Country = (typeof COUNTRIES)[number];

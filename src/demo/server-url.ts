/** The path of the server's calls at this origin, which the server writes into the page. */
export function serverPath(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="satoshigle-path"]')?.content ?? "";
}

/** The address of the server's calls. */
export function serverUrl(): string {
  return [location.origin, ...serverPath().split("/").filter(Boolean)].join("/");
}

/** What a client may report to the operator: a URL its browser refuses, credentials a relay refuses, no credentials. */
export type ClientProblem = "ice_url_refused" | "turn_credentials_refused" | "relay_missing";

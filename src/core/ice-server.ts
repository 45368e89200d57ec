/** STUN or TURN servers, with the fields of `RTCIceServer`. */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
  /** How long the credential is valid, in milliseconds. */
  lifetimeMs?: number;
}

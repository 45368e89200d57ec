/** How busy this process is. */
export interface Load {
  /** How late the event loop has been running lately, in milliseconds: follows a change within seconds, both ways. */
  loopDelayMs(): number;
  /** Measures no more. */
  stop(): void;
}

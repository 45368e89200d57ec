/** The most that the server takes: all bitcoins there can be, and a fee rate nobody has ever needed. */
export const MAX_SAT = 2_100_000_000_000_000;
export const MAX_FEE_RATE = 10_000;

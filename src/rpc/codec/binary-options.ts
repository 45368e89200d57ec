/** Drops unknown fields. */
export const binaryOptions = { readUnknownFields: false, writeUnknownFields: false } as const;

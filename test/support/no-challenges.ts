/** Admits every session. */
export const noChallenges = { admit: () => Promise.resolve() };

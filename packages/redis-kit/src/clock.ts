/** Milliseconds since 1970. Pass the database's clock where several processes must agree about expiry. */
export type Clock = () => number;

/** The clock of this machine. */
export const systemClock: Clock = () => Date.now();

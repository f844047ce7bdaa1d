/** The value of a Prometheus metric that has one. @throws {Error} when it isn't there */
export function readMetric(text: string, name: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  const value = Number(line?.slice(line.lastIndexOf(" ") + 1));
  if (line === undefined || Number.isNaN(value)) throw new Error(`there is no ${name} in the figures`);
  return value;
}

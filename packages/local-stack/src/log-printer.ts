import pc from "picocolors";

const colours = [pc.cyan, pc.magenta, pc.blue, pc.green, pc.yellow, pc.white];
const nameWidth = 20;

/** @returns a function that prints a part's lines behind its name, each part in a colour of its own */
export function createLogPrinter(output: {
  write(text: string): unknown;
}): (part: string, line: string) => void {
  const colourOf = new Map<string, (text: string) => string>();
  return (part, line) => {
    const colour = colourOf.get(part) ?? colours[colourOf.size % colours.length] ?? pc.white;
    colourOf.set(part, colour);
    output.write(`${colour(`${part.padEnd(nameWidth)} |`)} ${line}\n`);
  };
}

import type { WriteStream } from "node:tty";

/** What is being done now: one line that is written over on a terminal, a line now and then elsewhere. */
export interface ProgressLine {
  readonly show: (line: string) => void;
  /** Something that stays. */
  readonly tell: (line: string) => void;
  readonly clear: () => void;
}

export function createProgressLine(stream: WriteStream): ProgressLine {
  const isTerminal = stream.isTTY;
  const clear = (): void => {
    if (isTerminal) stream.write("\r\u001b[K");
  };
  return {
    show(line) {
      clear();
      stream.write(isTerminal ? line.slice(0, Math.max(20, stream.columns - 1)) : `${line}\n`);
    },
    tell(line) {
      clear();
      stream.write(`${line}\n`);
    },
    clear,
  };
}

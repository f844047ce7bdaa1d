import type { WriteStream } from "node:tty";

/** What is being done now: one line that is written over on a terminal, a line every few seconds elsewhere. */
export interface ProgressLine {
  readonly show: (line: string) => void;
  /** Something that stays. */
  tell(line: string): void;
  clear(): void;
}

const quietMs = 5000;

export function createProgressLine(stream: WriteStream): ProgressLine {
  const isTerminal = stream.isTTY;
  let shownAt = -Infinity;
  const clear = (): void => {
    if (isTerminal) stream.write("\r\u001b[K");
  };
  return {
    show(line) {
      if (isTerminal) {
        stream.write(`\r\u001b[K${line.slice(0, Math.max(20, stream.columns - 1))}`);
      } else if (performance.now() - shownAt > quietMs) {
        shownAt = performance.now();
        stream.write(`${line}\n`);
      }
    },
    tell(line) {
      clear();
      stream.write(`${line}\n`);
    },
    clear,
  };
}

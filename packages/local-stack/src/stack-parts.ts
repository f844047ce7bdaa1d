import { removeStackFile, writeStackFile, type RunningPart } from "./stack-file";
import { StackPart, type PartDescription } from "./stack-part";

interface PartsOptions {
  readonly dataDir: string;
  readonly restarts: boolean;
  readonly onNews: (line: string) => void;
}

/** All parts of one stack, and `stack.json`, which follows them. */
export class StackParts {
  private readonly parts: StackPart[] = [];
  private stopping: Promise<void> | undefined;

  constructor(private readonly options: PartsOptions) {}

  /** Announces a part that is about to be started. */
  add(description: PartDescription): StackPart {
    const part = new StackPart(description, {
      restarts: this.options.restarts,
      onNews: this.options.onNews,
      onChange: () => {
        if (this.stopping === undefined) writeStackFile(this.options.dataDir, this.list());
      },
    });
    this.parts.push(part);
    return part;
  }

  /** @throws {Error} naming the parts there are */
  read(name: string): StackPart {
    const part = this.parts.find(({ description }) => description.name === name);
    if (part !== undefined) return part;
    throw new Error(`no part ${name}; there are ${this.parts.map((p) => p.description.name).join(", ")}`);
  }

  /** Ends a part in good order and forgets it. */
  async remove(name: string): Promise<void> {
    const part = this.read(name);
    await part.stop();
    this.parts.splice(this.parts.indexOf(part), 1);
  }

  list(): RunningPart[] {
    return this.parts.flatMap(({ description: { name, kind, role }, pid, url }) =>
      pid === undefined ? [] : [{ name, kind, ...(role === undefined ? {} : { role }), pid, url }],
    );
  }

  /** Ends everything in good order: services together, then the servers they use. */
  stop(): Promise<void> {
    this.stopping ??= this.end((part) => part.stop());
    return this.stopping;
  }

  /** Ends everything at once. */
  kill(): Promise<void> {
    this.stopping = this.end((part) => part.killForGood());
    return this.stopping;
  }

  /** @throws {Error} when it has been stopped meanwhile */
  checkNotStopped(): void {
    if (this.stopping !== undefined) throw new Error("stopped");
  }

  private async end(how: (part: StackPart) => Promise<void>): Promise<void> {
    const isService = (part: StackPart): boolean => part.description.kind === "service";
    await Promise.all(this.parts.filter(isService).map(how));
    await Promise.all(this.parts.filter((part) => !isService(part)).map(how));
    removeStackFile(this.options.dataDir);
  }
}

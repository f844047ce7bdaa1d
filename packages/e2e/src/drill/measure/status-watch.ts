import type { SystemMode } from "@vibe-friend/contracts/system-status";
import { nowMs } from "./clock";

/** What the product says of itself to its browsers and its admins. */
export class StatusWatch {
  private readonly trouble: number[] = [];
  private normalFrom: number | undefined;
  private adminModes: readonly (SystemMode | "unknown")[] = [];
  private readonly timers: readonly NodeJS.Timeout[];

  /**
   * @param browserModes of every browser; undefined for one that isn't connected
   * @param askAdmin what `/admin/redis` says; "unknown" when it doesn't answer
   */
  constructor(
    private readonly browserModes: () => readonly (SystemMode | undefined)[],
    askAdmin: () => Promise<readonly (SystemMode | "unknown")[]>,
  ) {
    let isAsking = false;
    const ask = async (): Promise<void> => {
      if (isAsking) return;
      isAsking = true;
      this.adminModes = await askAdmin().catch(() => ["unknown"] as const);
      isAsking = false;
      if (this.adminModes.some((mode) => mode === "degraded" || mode === "recovering"))
        this.noteTrouble(nowMs());
      this.look();
    };
    this.timers = [
      setInterval(() => void ask(), 300),
      setInterval(() => {
        this.look();
      }, 25),
    ];
  }

  /** A browser was told. */
  readonly onMode = (mode: SystemMode, at: number): void => {
    if (mode !== "normal") this.noteTrouble(at);
    this.look();
  };

  isNormal(): boolean {
    return this.normalFrom !== undefined;
  }

  /** Milliseconds from the fault to the first word of it; null when there was none until `until`. */
  findDetectionMs(injectedAt: number, until: number): number | null {
    const first = this.trouble.find((at) => at >= injectedAt && at < until);
    return first === undefined ? null : first - injectedAt;
  }

  /** Milliseconds from healing until everybody was told that all is well; null when it isn't. */
  findNormalMs(healedAt: number): number | null {
    return this.normalFrom === undefined ? null : Math.max(0, this.normalFrom - healedAt);
  }

  close(): void {
    this.timers.forEach((timer) => {
      clearInterval(timer);
    });
  }

  private noteTrouble(at: number): void {
    this.trouble.push(at);
  }

  private look(): void {
    const modes = [...this.browserModes(), ...this.adminModes];
    const isNormal = this.adminModes.length > 0 && modes.every((mode) => mode === "normal");
    if (isNormal) this.normalFrom ??= nowMs();
    else this.normalFrom = undefined;
  }
}

import { chooseBanner } from "./choose-banner";

const system = (mode: "normal" | "degraded" | "recovering") =>
  ({ mode, since: "2026-01-01T00:00:00Z", roles: { state: mode, cache: mode } }) as const;

describe("the banner", () => {
  it("says nothing while all is well, or while nothing is known", () => {
    expect(chooseBanner({ connection: "connected", system: system("normal") })).toBeUndefined();
    expect(chooseBanner({ connection: "connecting", system: undefined })).toBeUndefined();
  });

  it("tells since when the system is degraded", () => {
    const banner = chooseBanner({ connection: "connected", system: system("degraded") });
    expect(banner).toMatchObject({ mode: "degraded", since: "2026-01-01T00:00:00Z" });
  });

  it("says that the connection is lost before it repeats what the system said last", () => {
    expect(chooseBanner({ connection: "reconnecting", system: system("degraded") })?.mode).toBe(
      "reconnecting",
    );
  });
});

import { loadConfig } from "@vibe-friend/service-kit/load-config";
import { gatewaySections } from "./config";

function load(env: Record<string, string>) {
  return loadConfig(gatewaySections, { INTERNAL_TOKEN_SECRET: "s".repeat(32), ...env });
}

describe("the gateway's configuration", () => {
  it.each(["loopback", "10.0.0.0/8, 192.168.1.1", "::1", "fc00::/7"])("takes the proxies %s", (proxies) => {
    expect(load({ TRUSTED_PROXIES: proxies }).edge.trustedProxies.length).toBeGreaterThan(0);
  });

  it.each(["10.0.0.0/33", "10.0.0.0/0", "fc00::/129", "10.0.0.0/", "proxy.example.org"])(
    "refuses the proxy %s in one line",
    (proxies) => {
      expect(() => load({ TRUSTED_PROXIES: proxies })).toThrow(
        `TRUSTED_PROXIES is "${proxies}": must be addresses, networks as 10.0.0.0/8, or loopback`,
      );
    },
  );

  it("refuses a wait that no timer can take", () => {
    expect(load({ GENERATION_SYNC_TIMEOUT: "1h" }).generation.syncTimeoutMs).toBe(3_600_000);
    expect(() => load({ GENERATION_SYNC_TIMEOUT: "60d" })).toThrow(
      'GENERATION_SYNC_TIMEOUT is "60d": must be a duration such as 250ms, 3s, 5m, 24h or 30d, at most 24h',
    );
  });
});

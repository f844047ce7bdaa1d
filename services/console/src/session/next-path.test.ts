import { readNextPath, withNextPath } from "./next-path";

describe("the way back after signing in", () => {
  it("leads to where the person was", () => {
    const address = withNextPath("/sign-in", "/history?q=a&status=failed");
    expect(readNextPath(new URL(address, "http://x").search)).toBe("/history?q=a&status=failed");
  });

  it.each(["//evil.org", "/\\evil.org", "https://evil.org", "javascript:alert(1)", "", "g/1"])(
    "never leads to another site (%j)",
    (next) => {
      expect(readNextPath(`?next=${encodeURIComponent(next)}`)).toBe("/");
    },
  );
});

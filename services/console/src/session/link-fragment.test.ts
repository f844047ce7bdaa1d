import { readLinkFragment } from "./link-fragment";

describe("a one-time link", () => {
  it("carries its token, and whose it is when it says so", () => {
    expect(readLinkFragment("#token=abc-_1")).toEqual({ token: "abc-_1", email: undefined });
    expect(readLinkFragment("#token=abc&email=a%40b.org")).toEqual({ token: "abc", email: "a@b.org" });
  });

  it.each(["", "#", "#token=", "#other=1"])("is none without a token (%j)", (hash) => {
    expect(readLinkFragment(hash)).toBeUndefined();
  });
});

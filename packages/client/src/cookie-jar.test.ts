import { createCookieJar } from "./cookie-jar";

describe("the cookie jar", () => {
  it("sends back what was set, the last value of each name", () => {
    const jar = createCookieJar();
    jar.keep(["gvf_session=a=1; Path=/; HttpOnly; SameSite=Lax", "other=2"]);
    jar.keep(["gvf_session=b"]);
    expect(jar.header()).toBe("gvf_session=b; other=2");
  });

  it("forgets what the server clears or what is over", () => {
    let now = Date.parse("2026-01-01T00:00:00Z");
    const jar = createCookieJar(() => now);
    jar.keep(["a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b=2; Max-Age=10", "c=3; Max-Age=0"]);
    expect(jar.header()).toBe("b=2");
    now += 11_000;
    expect(jar.header()).toBeUndefined();
  });

  it("ignores a line that is no cookie", () => {
    const jar = createCookieJar();
    jar.keep(["nothing", "=x", ""]);
    expect(jar.header()).toBeUndefined();
  });
});

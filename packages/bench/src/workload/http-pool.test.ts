import { formatRequest } from "./http-pool";

const person = { userId: "u", email: "a@example.org", cookie: "gvf_session=s", csrfToken: "t" };

it("asks with the session's cookie, and with its token where something changes", () => {
  expect(formatRequest("localhost:1", { method: "GET", path: "/a?b=c", person })).toBe(
    "GET /a?b=c HTTP/1.1\r\nHost: localhost:1\r\nCookie: gvf_session=s\r\n\r\n",
  );
  const post = formatRequest("localhost:1", { method: "POST", path: "/a", person, body: { b: "é" } });
  expect(post).toContain("X-CSRF-Token: t\r\n");
  expect(post).toContain("Content-Length: 10\r\n");
  expect(post.endsWith('\r\n\r\n{"b":"é"}')).toBe(true);
});

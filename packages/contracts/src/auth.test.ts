import { registerBodySchema } from "./auth";
import { submitBodySchema } from "./generation";

describe("registration", () => {
  it("folds the e-mail address to lower case", () => {
    const body = registerBodySchema.parse({ email: " Ada@Example.ORG ", password: "correct horse battery" });
    expect(body.email).toBe("ada@example.org");
  });

  it.each([
    [{ email: "nobody", password: "correct horse battery" }, "email"],
    [{ email: "a@b.org", password: "short" }, "password"],
    [{ email: "a@b.org", password: "x".repeat(129) }, "password"],
    [{ email: "a@b.org", password: "correct horse battery", admin: true }, ""],
  ])("names what is wrong in %j", (body, path) => {
    const result = registerBodySchema.safeParse(body);
    expect(result.error?.issues[0]?.path.join(".")).toBe(path);
  });
});

describe("submission", () => {
  it("defaults to priority 5", () => {
    expect(submitBodySchema.parse({ prompt: "a library" }).priority).toBe(5);
  });

  it.each([
    { prompt: "" },
    { prompt: "  \n" },
    { prompt: "a\u0000b" },
    { prompt: "x".repeat(32_001) },
    { prompt: "x", engine: "gpt" },
    { prompt: "x", priority: 0 },
    { prompt: "x", priority: 11 },
    { prompt: "x", priority: 1.5 },
    { prompt: "x", extra: 1 },
    { prompt: 5 },
    {},
  ])("refuses %j", (body) => {
    expect(submitBodySchema.safeParse(body).success).toBe(false);
  });
});

import { NetworkError } from "@vibe-friend/client/network-error";
import { ProblemError } from "@vibe-friend/client/problem-error";
import { describeError, readFormFaults } from "./problem-fields";

function problem(code: string, errors?: { path: string; message: string }[]): ProblemError {
  return new ProblemError({ type: "x", title: "The request is not valid", status: 400, code, errors });
}

describe("the faults of a form", () => {
  it.each(["password", "/password", "body.password"])("stand at their field when the path is %s", (path) => {
    const faults = readFormFaults(
      problem("invalid_request", [{ path, message: "must have at least 12 characters" }]),
      ["email", "password"],
    );
    expect(faults).toEqual({ fields: { password: "Must have at least 12 characters." }, summary: undefined });
  });

  it("stand above the form when no field is theirs", () => {
    const faults = readFormFaults(problem("invalid_request", [{ path: "token", message: "is missing" }]), [
      "email",
    ]);
    expect(faults).toEqual({ fields: {}, summary: "Is missing." });
  });

  it("name the e-mail address that has an account at its field", () => {
    expect(readFormFaults(problem("email_taken"), ["email"]).fields["email"]).toBeDefined();
  });

  it("tell a lost connection from a refusal, and how long to wait", () => {
    expect(describeError(new NetworkError("x"))).toContain("can't be reached");
    const busy = new ProblemError(
      { type: "x", title: "Too many requests", status: 429, code: "rate_limited" },
      3_200,
    );
    expect(describeError(busy)).toBe("Too many requests. Try again in 4 seconds.");
  });
});

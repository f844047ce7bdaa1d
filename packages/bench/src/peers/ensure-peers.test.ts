import { describeNpmFault } from "./ensure-peers";

it("tells the cause that npm gives, in one line", () => {
  const stderr = [
    "npm warn Unknown user config",
    "npm error code ENOTFOUND",
    "npm error syscall getaddrinfo",
    "npm error network request to https://registry.example.org/bentocache failed",
    "npm error network This is a problem related to network connectivity.",
  ].join("\n");
  expect(describeNpmFault({ stderr })).toBe(
    "network request to https://registry.example.org/bentocache failed",
  );
  expect(describeNpmFault({ killed: true })).toBe("npm took longer than 180 s");
  expect(describeNpmFault(new Error("spawn npm ENOENT"))).toBe("spawn npm ENOENT");
});

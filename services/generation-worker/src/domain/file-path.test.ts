import fc from "fast-check";
import path from "node:path";
import { InvalidFilePath, parseFilePath } from "./file-path";

describe("parseFilePath", () => {
  it.each([
    "a",
    "README.md",
    ".env.example",
    ".gitignore",
    ".github/workflows/ci.yml",
    "src/[id]/page (1).tsx",
    "src/ünïcode/日本.txt",
    "src/a..b.ts",
    "gitignore/.gitkeep",
    `${"a/".repeat(11)}b`,
    "x".repeat(100),
  ])("accepts %s as it is", (given) => {
    expect(parseFilePath(given)).toBe(given);
  });

  it.each([
    ["", "is empty"],
    ["/etc/passwd", "is absolute"],
    ["//host/share", "is absolute"],
    ["..", "leaves its folder"],
    ["../a", "leaves its folder"],
    ["src/../../a", "leaves its folder"],
    ["./a", "leaves its folder"],
    ["src/./a", "leaves its folder"],
    ["..\\a", "character"],
    ["src\\a.ts", "character"],
    ["C:/Windows/a", "character"],
    ["a\u0000.ts", "character"],
    ["a\nb", "character"],
    ["a\u007f", "character"],
    ["a*b", "character"],
    ['a"b', "character"],
    ["a//b", "empty folder name"],
    ["a/", "empty folder name"],
    ["a.", "ends in a dot or a space"],
    ["a /b", "ends in a dot or a space"],
    ["con", "reserved"],
    ["src/NUL.txt", "reserved"],
    ["LPT1", "reserved"],
    [".git/config", ".git folder"],
    ["vendor/.GIT/hooks/pre-commit", ".git folder"],
    [`${"a/".repeat(12)}b`, "deeper than 12"],
    ["x".repeat(101), "over 100 characters"],
    [`${"y".repeat(80)}/${"y".repeat(80)}/${"y".repeat(80)}`, "longer than 240"],
  ])("refuses %j because it %s", (given, reason) => {
    expect(() => parseFilePath(given)).toThrow(InvalidFilePath);
    expect(() => parseFilePath(given)).toThrow(reason);
  });

  it("keeps whatever it accepts below the root, on POSIX and on Windows", () => {
    const segment = fc.oneof(
      fc.constantFrom("..", ".", "", "a", "C:", "\\", "..\\..", " ", "nul", "%2e%2e", "a\u0000"),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 14 }), (segments) => {
        const given = segments.join("/");
        try {
          parseFilePath(given);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidFilePath);
          return;
        }
        expect(path.posix.resolve("/root/project", given)).toMatch(/^\/root\/project\/./);
        expect(path.win32.resolve("C:\\root\\project", given)).toMatch(/^C:\\root\\project\\./);
      }),
      { numRuns: 2_000 },
    );
  });

  it("quotes a bounded part of the name in its message", () => {
    const given = `\n${"z".repeat(5_000)}`;
    expect(new InvalidFilePath(given, "is too long").message.length).toBeLessThan(400);
    expect(() => parseFilePath(given)).toThrow(InvalidFilePath);
  });
});

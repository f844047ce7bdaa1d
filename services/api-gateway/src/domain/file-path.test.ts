import { parseFilePath } from "./file-path";

it.each(["README.md", "src/a.ts", "src/books/book.entity.ts", ".env.example", "a..b/c", "ünï.md", "a b.txt"])(
  "takes %j as it is",
  (path) => {
    expect(parseFilePath(path)).toBe(path);
  },
);

it.each([
  "",
  "/etc/passwd",
  "..",
  "../x",
  "a/../../x",
  "a/..",
  "./a",
  "a//b",
  "a/",
  "a\\b",
  "..\\x",
  "C:/x",
  "c:x",
  "a\u0000b",
  "a\nb",
  "x".repeat(401),
])("refuses %j", (path) => {
  expect(() => parseFilePath(path)).toThrow("stays inside its folder");
});

import { findLanguage } from "./highlighter";

it.each([
  ["src/books/book.entity.ts", "typescript"],
  ["package.json", "json"],
  ["Dockerfile", "dockerfile"],
  ["deploy/Dockerfile.worker", "dockerfile"],
  [".env.example", "ini"],
  ["docker-compose.yml", "yaml"],
  ["LICENSE", undefined],
  [".gitignore", undefined],
])("%s is read as %s", (path, language) => {
  expect(findLanguage(path)).toBe(language);
});

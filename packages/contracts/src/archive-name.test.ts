import { archiveName } from "./archive-name";

it.each([
  ["A library with books", "a-library-with-books"],
  ["Müller & Söhne: Kasse!", "muller-sohne-kasse"],
  ["../../etc/passwd", "etc-passwd"],
  ["図書館", "project"],
  ["", "project"],
  ["a library with books that belong to authors and publishers", "a-library-with-books-that-belong-to"],
  ["x".repeat(100), "x".repeat(40)],
])("calls the folder of %j %j", (prompt, name) => {
  expect(archiveName(prompt)).toBe(name);
});

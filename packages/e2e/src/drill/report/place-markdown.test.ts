import { placeMarkdown } from "./place-markdown";

const readme = "# Title\n\n<!-- drill: from here -->\n\nold\n\n<!-- drill: to here -->\n\nThe rest.\n";

it("replaces what stands between the marks and nothing else", () => {
  const replaced = placeMarkdown(readme, "new\n");
  expect(replaced).toBe(readme.replace("old", "new"));
  expect(placeMarkdown(replaced, "new\n")).toBe(replaced);
});

it.each([undefined, "", "# Without marks\n", "<!-- drill: to here -->\n<!-- drill: from here -->\n"])(
  "is the tables alone where there are no marks: %j",
  (existing) => {
    expect(placeMarkdown(existing, "new\n")).toBe("new\n");
  },
);

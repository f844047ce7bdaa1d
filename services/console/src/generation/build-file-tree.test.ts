import { buildFileTree, type TreeNode } from "./build-file-tree";

function print(nodes: readonly TreeNode[], indent = ""): string[] {
  return nodes.flatMap((node) =>
    node.kind === "file"
      ? [indent + node.name]
      : [`${indent}${node.name}/`, ...print(node.children, `${indent}  `)],
  );
}

describe("the file tree", () => {
  it("lists folders first, each sorted by name", () => {
    expect(print(buildFileTree(["README.md", "src/main.ts", "src/books/book.ts", "a.json"]))).toEqual([
      "src/",
      "  books/",
      "    book.ts",
      "  main.ts",
      "a.json",
      "README.md",
    ]);
  });

  it("puts folders that hold nothing but a folder on one line", () => {
    const tree = buildFileTree([".github/workflows/ci.yml"]);
    expect(print(tree)).toEqual([".github/workflows/", "  ci.yml"]);
    expect(tree[0]?.path).toBe(".github/workflows");
  });

  it("is empty without files", () => {
    expect(buildFileTree([])).toEqual([]);
  });
});

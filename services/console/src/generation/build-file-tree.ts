export interface FileNode {
  readonly kind: "file";
  readonly name: string;
  readonly path: string;
}

export interface FolderNode {
  readonly kind: "folder";
  readonly name: string;
  readonly path: string;
  readonly children: readonly TreeNode[];
}

export type TreeNode = FileNode | FolderNode;

/** Paths as folders and files: folders first, then by name. A folder in a folder alone is one line, `src/books`. */
export function buildFileTree(paths: readonly string[]): readonly TreeNode[] {
  return nest(
    paths.map((path) => ({ path, rest: path.split("/") })),
    "",
  );
}

interface Entry {
  readonly path: string;
  readonly rest: readonly string[];
}

function nest(entries: readonly Entry[], parent: string): readonly TreeNode[] {
  const folders = new Map<string, Entry[]>();
  const files: FileNode[] = [];
  for (const { path, rest } of entries) {
    const [name = "", ...deeper] = rest;
    if (deeper.length === 0) {
      files.push({ kind: "file", name, path });
      continue;
    }
    const inside = folders.get(name) ?? [];
    inside.push({ path, rest: deeper });
    folders.set(name, inside);
  }
  const nodes = [...folders].map(([name, inside]) => createFolder(name, inside, parent + name));
  return [...nodes.sort(byName), ...files.sort(byName)];
}

function createFolder(name: string, inside: readonly Entry[], path: string): FolderNode {
  const children = nest(inside, `${path}/`);
  const [only] = children;
  if (children.length === 1 && only?.kind === "folder") {
    return { ...only, name: `${name}/${only.name}` };
  }
  return { kind: "folder", name, path, children };
}

function byName(a: TreeNode, b: TreeNode): number {
  return a.name.localeCompare(b.name, "en");
}

import { UnstyledButton, VisuallyHidden } from "@mantine/core";
import {
  IconBrandDocker,
  IconBrandTypescript,
  IconBraces,
  IconChevronRight,
  IconDatabase,
  IconFile,
  IconFileText,
  IconSettings,
} from "@tabler/icons-react";
import { memo, useEffect, useMemo, useRef, useState, type CSSProperties } from "react";
import { buildFileTree, type FolderNode, type TreeNode } from "./build-file-tree";
import classes from "./file-tree.module.css";
import { findLanguage } from "./highlighter";
import type { ShownState } from "./list-entries";

interface FileTreeProps {
  readonly entries: readonly (readonly [path: string, state: ShownState])[];
  readonly selected: string | undefined;
  readonly onSelect: (path: string) => void;
}

/** Folders and files as nested lists of buttons. */
export function FileTree({ entries, selected, onSelect }: FileTreeProps) {
  const paths = entries.map(([path]) => path).join("\n");
  const nodes = useMemo(() => buildFileTree(paths === "" ? [] : paths.split("\n")), [paths]);
  const states = new Map(entries);
  return (
    <nav aria-label="Files" data-testid="file-tree">
      <Nodes nodes={nodes} depth={0} states={states} selected={selected} onSelect={onSelect} />
    </nav>
  );
}

interface NodesProps {
  readonly nodes: readonly TreeNode[];
  readonly depth: number;
  readonly states: ReadonlyMap<string, ShownState>;
  readonly selected: string | undefined;
  readonly onSelect: (path: string) => void;
}

function Nodes({ nodes, ...props }: NodesProps) {
  return (
    <ul className={classes.list}>
      {nodes.map((node) => (
        <li key={node.path}>
          {node.kind === "folder" ? (
            <Folder folder={node} {...props} />
          ) : (
            <FileItem
              path={node.path}
              name={node.name}
              depth={props.depth}
              state={props.states.get(node.path) ?? "complete"}
              isSelected={props.selected === node.path}
              onSelect={props.onSelect}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function Folder({ folder, depth, ...props }: Omit<NodesProps, "nodes"> & { folder: FolderNode }) {
  const [expanded, setExpanded] = useState(true);
  return (
    <>
      <UnstyledButton
        className={classes.item}
        style={indent(depth)}
        aria-expanded={expanded}
        onClick={() => {
          setExpanded(!expanded);
        }}
      >
        <IconChevronRight size={14} className={classes.chevron} aria-hidden="true" />
        <span className={classes.name}>{folder.name}</span>
      </UnstyledButton>
      {expanded && <Nodes nodes={folder.children} depth={depth + 1} {...props} />}
    </>
  );
}

interface FileItemProps {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly state: ShownState;
  readonly isSelected: boolean;
  readonly onSelect: (path: string) => void;
}

const FileItem = memo(function FileItem(props: FileItemProps) {
  const item = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (props.isSelected) revealInTree(item.current);
  }, [props.isSelected]);
  return (
    <UnstyledButton
      ref={item}
      className={classes.item}
      style={indent(props.depth)}
      aria-current={props.isSelected}
      data-testid="file-tree-item"
      data-path={props.path}
      data-state={props.state}
      title={props.state === "partial" ? `${props.path} (not finished)` : props.path}
      onClick={() => {
        props.onSelect(props.path);
      }}
    >
      <FileIcon path={props.path} />
      <span className={classes.name}>{props.name}</span>
      {props.state === "open" && (
        <span className={classes.dot}>
          <VisuallyHidden>being written</VisuallyHidden>
        </span>
      )}
      {props.state === "partial" && <span className={classes.tag}>partial</span>}
    </UnstyledButton>
  );
});

/** Scrolls the tree, and never the page, so that the item can be seen. */
function revealInTree(item: HTMLElement | null): void {
  const box = item?.closest("nav")?.parentElement;
  if (!item || !box) return;
  const { top, bottom } = item.getBoundingClientRect();
  const frame = box.getBoundingClientRect();
  if (top < frame.top) box.scrollTop -= frame.top - top;
  if (bottom > frame.bottom) box.scrollTop += bottom - frame.bottom;
}

const icons: Readonly<Record<string, typeof IconFile>> = {
  dockerfile: IconBrandDocker,
  ini: IconSettings,
  json: IconBraces,
  markdown: IconFileText,
  sql: IconDatabase,
  typescript: IconBrandTypescript,
  yaml: IconSettings,
};

function FileIcon({ path }: { path: string }) {
  const Icon = icons[findLanguage(path) ?? ""] ?? IconFile;
  return <Icon size={15} stroke={1.6} aria-hidden="true" />;
}

function indent(depth: number): CSSProperties {
  return { "--depth": depth } as CSSProperties;
}

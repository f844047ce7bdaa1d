import type { ReadingNote } from "../project-model";
import type { RelationDraft } from "./drafts";
import { SHARED_NOUNS } from "./vocabulary";

/** A relation whose direction is settled: `from` points at `to`, or both list each other. */
export interface SettledRelation {
  readonly kind: "belongsTo" | "manyToMany";
  readonly from: string;
  readonly to: string;
  readonly role: readonly string[];
  optional: boolean;
  readonly unique: boolean;
}

/** Brings all ways of saying it to two kinds, once each, without a circle of required ones. */
export function settleRelations(
  drafts: readonly RelationDraft[],
  kept: ReadonlySet<string>,
  notes: ReadingNote[],
): SettledRelation[] {
  const known = drafts.filter(({ from, to }) => kept.has(from) && kept.has(to));
  const settled = new Map<string, SettledRelation>();
  const add = (relation: SettledRelation): void => {
    const ends =
      relation.kind === "manyToMany" ? [relation.from, relation.to].sort() : [relation.from, relation.to];
    const key = JSON.stringify([relation.kind, ...ends, relation.role]);
    if (!settled.has(key)) settled.set(key, relation);
  };
  for (const draft of known) if (draft.kind === "manyToMany") add(manyToMany(draft));
  for (const draft of known) if (draft.kind === "belongsTo") add(belongsTo(draft.from, draft.to, draft));
  for (const draft of known.filter(({ kind }) => kind === "hasOne")) {
    if (!isLinked(settled, draft)) add({ ...belongsTo(draft.to, draft.from, draft), unique: true });
  }
  const lists = known
    .filter(({ kind }) => kind === "hasMany")
    .sort((a, b) => Number(a.soft ?? 0) - Number(b.soft ?? 0));
  for (const draft of lists) {
    if (isLinked(settled, draft)) continue;
    const mutual =
      draft.from !== draft.to && lists.some(({ from, to }) => from === draft.to && to === draft.from);
    const shared =
      draft.from !== draft.to && draft.soft !== true && SHARED_NOUNS.has(draft.to.split(" ").at(-1) ?? "");
    if (shared && !mutual) {
      notes.push({
        level: "info",
        message: `"${draft.from}" has many "${draft.to}" was read as many-to-many; write "each ${draft.to} belongs to one ${draft.from}" for one-to-many.`,
      });
    }
    add(mutual || shared ? manyToMany(draft) : belongsTo(draft.to, draft.from, draft));
  }
  const all = [...settled.values()];
  breakCircles(all, notes);
  return all;
}

function manyToMany({ from, to }: RelationDraft): SettledRelation {
  return { kind: "manyToMany", from, to, role: [], optional: true, unique: false };
}

function belongsTo(from: string, to: string, { role, optional }: RelationDraft): SettledRelation {
  return {
    kind: "belongsTo",
    from,
    to,
    role: role ?? [],
    optional: optional === true || from === to,
    unique: false,
  };
}

/** Whether something more explicit already ties the two ends. */
function isLinked(settled: ReadonlyMap<string, SettledRelation>, { from, to }: RelationDraft): boolean {
  return [...settled.values()].some(
    (relation) =>
      (relation.from === to && relation.to === from) ||
      (relation.kind === "manyToMany" && relation.from === from && relation.to === to),
  );
}

/** Makes a relation optional wherever rows of a circle could otherwise never be created. */
function breakCircles(relations: readonly SettledRelation[], notes: ReadingNote[]): void {
  const required = new Map<string, Set<string>>();
  for (const relation of relations) {
    if (relation.kind !== "belongsTo" || relation.optional) continue;
    if (reaches(required, relation.to, relation.from)) {
      relation.optional = true;
      notes.push({
        level: "warn",
        message: `"${relation.from}" belongs to "${relation.to}" closes a circle, so it is optional.`,
      });
      continue;
    }
    const targets = required.get(relation.from) ?? new Set();
    required.set(relation.from, targets.add(relation.to));
  }
}

function reaches(edges: ReadonlyMap<string, ReadonlySet<string>>, from: string, goal: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === goal) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(edges.get(at) ?? []));
  }
  return false;
}

/**
 * The settlement: how much of what the advisers proposed survived a person's decision. Pure comparison of two
 * plans of the same shape. It knows nothing about Notion; Training Data stores what it returns.
 */
import type { Verdict } from "./decision.ts";
import type { Plan } from "./plan.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

export type ModificationKind = "value" | "addition" | "removal" | "type";

export interface Modification {
  /** Where, as "tasks[2]" or "options[B].summary". A removal counts places in the proposal, the rest in the final plan. */
  path: string;
  kind: ModificationKind;
  /** null for an addition. */
  before: Json;
  /** null for a removal. */
  after: Json;
}

export interface Settlement {
  /** 1 = untouched, 0 = nothing survived. */
  acceptanceRate: number;
  modifications: Modification[];
}

/** What one changed leaf costs; an untouched one costs 0. */
const WEIGHT: Record<ModificationKind, number> = { value: 1, addition: 1.5, removal: 2, type: 2.5 };

/** List entries at least this alike are one entry that was edited, not a removal and an addition. */
const SIMILAR = 0.5;

/**
 * acceptance = 1 − Σ weight × changed leaves ÷ leaves of both plans together, never below 0. A leaf is one
 * text; an added option counts each of its texts. A moved list entry is a value change of its position.
 *
 * Nothing was accepted of a plan that will not be carried out (rejected, expired, withdrawn): the rate is 0. Nobody edited
 * it either, so no modifications are listed.
 */
export function settle(proposal: Plan, final: Plan | null, verdict: Verdict): Settlement {
  if (final === null || (verdict !== "approved" && verdict !== "edited")) {
    return { acceptanceRate: 0, modifications: [] };
  }
  const before = toJson(proposal);
  const { changes, added } = compare(before, toJson(final), "");
  const cost = changes.reduce((sum, { kind, leaves }) => sum + WEIGHT[kind] * leaves, 0);
  const leaves = leafCount(before) + added;
  return {
    acceptanceRate: Math.max(0, 1 - cost / Math.max(1, leaves)),
    modifications: changes.map(({ path, kind, before, after }) => ({ path, kind, before, after })),
  };
}

/** A modification with the number of leaves it touches. */
interface Change extends Modification {
  leaves: number;
}

interface Comparison {
  changes: Change[];
  /** Leaves that only the later value has. */
  added: number;
}

const SAME: Comparison = { changes: [], added: 0 };

function compare(before: Json, after: Json, path: string): Comparison {
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, path);
  if (isObject(before) && isObject(after)) return compareObjects(before, after, path);
  if (before === after) return SAME;
  const kind = typeName(before) === typeName(after) ? "value" : "type";
  return { changes: [{ path, kind, before, after, leaves: Math.max(1, leafCount(before)) }], added: 0 };
}

function compareObjects(before: JsonObject, after: JsonObject, path: string): Comparison {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return join(
    [...keys].map((key) => {
      const [was, is] = [before[key], after[key]];
      const at = path === "" ? key : `${path}.${key}`;
      if (was === undefined) return is === undefined ? SAME : addition(is, at);
      return is === undefined ? removal(was, at) : compare(was, is, at);
    }),
  );
}

function compareLists(before: Json[], after: Json[], path: string): Comparison {
  const pairs = align(before, after);
  const inOrder = longestRising(pairs.map((pair) => pair.from));
  const [kept, found] = [new Set(pairs.map((pair) => pair.from)), new Set(pairs.map((pair) => pair.to))];
  const at = (entry: Json, index: number) => `${path}[${identity(entry) ?? index}]`;
  return join([
    ...before.map((entry, from) => (kept.has(from) ? SAME : removal(entry, at(entry, from)))),
    ...pairs.map(({ from, to, was, is }) =>
      join([
        compare(was, is, at(is, to)),
        inOrder.has(from) ? SAME : moved(`${at(is, to)}.position`, from, to),
      ]),
    ),
    ...after.map((entry, to) => (found.has(to) ? SAME : addition(entry, at(entry, to)))),
  ]);
}

function addition(after: Json, path: string): Comparison {
  const leaves = Math.max(1, leafCount(after));
  return { changes: [{ path, kind: "addition", before: null, after, leaves }], added: leaves };
}

function removal(before: Json, path: string): Comparison {
  const leaves = Math.max(1, leafCount(before));
  return { changes: [{ path, kind: "removal", before, after: null, leaves }], added: 0 };
}

function moved(path: string, before: number, after: number): Comparison {
  return { changes: [{ path, kind: "value", before, after, leaves: 1 }], added: 0 };
}

function join(comparisons: Comparison[]): Comparison {
  return {
    changes: comparisons.flatMap((c) => c.changes),
    added: comparisons.reduce((sum, c) => sum + c.added, 0),
  };
}

interface Pair {
  from: number;
  to: number;
  was: Json;
  is: Json;
}

/** Which entry became which: by id where entries have one, else equal ones in order, else the most alike. */
function align(before: Json[], after: Json[]): Pair[] {
  const pairs: Pair[] = [];
  const [left, right] = [new Set(before.keys()), new Set(after.keys())];
  const pair = (from: number, to: number) => {
    const [was, is] = [before[from], after[to]];
    if (was === undefined || is === undefined || !left.delete(from)) return;
    right.delete(to);
    pairs.push({ from, to, was, is });
  };
  for (const [from, to] of commonSubsequence(before.map(matchKey), after.map(matchKey))) pair(from, to);
  const candidates = [...left]
    .flatMap((from) => [...right].map((to) => ({ from, to, alike: similarity(before[from], after[to]) })))
    .filter(({ alike }) => alike >= SIMILAR)
    .sort((a, b) => b.alike - a.alike || a.from - b.from || a.to - b.to);
  for (const { from, to } of candidates) if (right.has(to)) pair(from, to);
  return pairs.sort((a, b) => a.to - b.to);
}

/** An entry with an id is the same entry whatever else changed; any other is known by its whole content. */
function matchKey(entry: Json): string {
  return identity(entry) ?? JSON.stringify(entry);
}

function identity(entry: Json): string | null {
  if (!isObject(entry)) return null;
  const { id } = entry;
  return typeof id === "string" ? id : null;
}

/** Longest common subsequence, as index pairs. */
function commonSubsequence(a: string[], b: string[]): [number, number][] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

/** The longest rising run that is left when the fewest numbers are taken out. */
function longestRising(numbers: number[]): Set<number> {
  const best: number[][] = [];
  numbers.forEach((number, index) => {
    const before = best.slice(0, index).filter((run) => (run.at(-1) ?? -1) < number);
    best.push([...longest(before), number]);
  });
  return new Set(longest(best));
}

function longest(runs: number[][]): number[] {
  return runs.reduce((found, run) => (run.length > found.length ? run : found), []);
}

/** 0 (nothing in common) to 1 (equal): the share of letter pairs two texts have in common (Dice). */
function similarity(a: Json | undefined, b: Json | undefined): number {
  if (a === undefined || b === undefined) return 0;
  const [idA, idB] = [identity(a), identity(b)];
  if (idA !== null || idB !== null) return idA === idB ? 1 : 0;
  const [textA, textB] = [textOf(a), textOf(b)];
  if (textA === textB) return 1;
  const [pairsA, pairsB] = [letterPairs(textA), letterPairs(textB)];
  const inB = new Map<string, number>();
  for (const pair of pairsB) inB.set(pair, (inB.get(pair) ?? 0) + 1);
  let shared = 0;
  for (const pair of pairsA) {
    const left = inB.get(pair) ?? 0;
    if (left > 0) shared++;
    inB.set(pair, left - 1);
  }
  return (2 * shared) / Math.max(1, pairsA.length + pairsB.length);
}

function textOf(entry: Json): string {
  return (typeof entry === "string" ? entry : JSON.stringify(entry))
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim();
}

function letterPairs(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => text.slice(index, index + 2));
}

/** Texts and numbers within; the id of an entry is its name, not its content. */
function leafCount(value: Json): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + leafCount(entry), 0);
  if (!isObject(value)) return 1;
  const named = identity(value) !== null;
  return Object.entries(value)
    .filter(([key]) => !(named && key === "id"))
    .reduce((sum, [, entry]) => sum + leafCount(entry), 0);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeName(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

function toJson(plan: Plan): Json {
  return JSON.parse(JSON.stringify(plan));
}

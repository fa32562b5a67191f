/**
 * Finds or makes the nodes an item speaks of. The index of all nodes is read once; later one query brings what
 * changed since and confirms that the nodes about to be reused still exist.
 */
import { distance } from "fastest-levenshtein";
import type { Concept } from "../domain/analysis.ts";
import { isAppError } from "../errors.ts";
import type { nodes as nodeTable } from "./databases/nodes.ts";
import type { Clock } from "./gateway.ts";
import type { Json } from "./lenient-json.ts";
import type { Exclusive } from "./ports.ts";
import type { Page } from "./rows.ts";
import type { BoundDatabase } from "./schema.ts";
import type { Table } from "./table.ts";

const FUZZY_RATIO = 0.95;
/** Times are rounded down to the minute, and queries may lag behind writes. */
const OVERLAP_MS = 5 * 60_000;
/** Our clock and Notion's differ by less than this. */
const CLOCK_SLACK_MS = 10 * 60_000;
/** A node this young may not show up in a query yet. */
const TRUST_MS = 2 * 60_000;
/** Notion takes 100 conditions in one filter; one is the time. */
const MAX_NAMES = 99;
const MAX_GENERATIONS = 20;

export interface NodeRef {
  id: string;
  name: string;
}

interface KnownNode extends NodeRef {
  normal: string;
  /** The name to the letter, as a filter has to ask for it. */
  title: string;
  /** Made by us, by our clock; 0 = seen in a query. */
  madeAt: number;
}

interface NodeDeps {
  table: Table<typeof nodeTable>;
  exclusive: Exclusive;
  clock: Clock;
}

export function createNodes({ table, exclusive, clock }: NodeDeps) {
  const index = new Map<string, KnownNode>();
  /** Start of the next incremental query; null = nothing was read yet. */
  let since: number | null = null;
  let newestEdit = 0;

  function learn(page: Page<{ Name: string }>): void {
    const name = page.row.Name.trim();
    newestEdit = Math.max(newestEdit, Date.parse(page.lastEditedAt) || 0);
    if (name === "" || page.inTrash) index.delete(page.id);
    else index.set(page.id, { id: page.id, name, normal: normalName(name), title: page.row.Name, madeAt: 0 });
  }

  /** Reads what changed; drops those of `reused` that Notion does not show and does not have any more. */
  async function refresh(reused: KnownNode[]): Promise<void> {
    const startedAt = clock.now();
    const changedSince = since;
    const pages = await table.query({
      read: ["Name"],
      ...(changedSince !== null && { where: (db: BoundDatabase) => changesFilter(db, changedSince, reused) }),
    });
    for (const page of pages) learn(page);
    const seen = new Set(pages.map((page) => page.id));
    for (const node of reused)
      if (!seen.has(node.id) && node.madeAt + TRUST_MS < startedAt && (await stillThere(node.id)) === null)
        index.delete(node.id);
    since = Math.max(newestEdit - OVERLAP_MS, startedAt - CLOCK_SLACK_MS);
  }

  const match = (concept: Concept) => bestMatch(normalName(concept.name), [...index.values()]);

  async function refreshFor(concepts: Concept[]): Promise<void> {
    const reused = new Map(concepts.flatMap((c) => match(c) ?? []).map((node) => [node.id, node]));
    const batch = [...reused.values()];
    for (let start = 0; start === 0 || start < batch.length; start += MAX_NAMES)
      await refresh(batch.slice(start, start + MAX_NAMES));
  }

  async function make(concept: Concept, suspect: boolean): Promise<NodeRef> {
    const name = concept.name.trim();
    for (let generation = 1; ; generation++) {
      const key = `node:${normalName(name)}${generation === 1 ? "" : `#${generation}`}`;
      const draft = () => ({ Name: name, Node_Type: concept.type });
      const page = await table.create({ key, suspect }, draft);
      const standing = page.existed ? await stillThere(page.id) : { id: page.id, name };
      if (standing === null && generation < MAX_GENERATIONS) continue;
      const ref = standing ?? { id: page.id, name };
      index.set(ref.id, { ...ref, title: ref.name, normal: normalName(ref.name), madeAt: clock.now() });
      return ref;
    }
  }

  /** A node that we remember may have been thrown away since. */
  async function stillThere(id: string): Promise<NodeRef | null> {
    const page = await table.get(id, ["Name"]).catch((error: unknown) => {
      if (isAppError(error) && error.code === "notion_not_found") return null;
      throw error;
    });
    return page === null || page.inTrash ? null : { id, name: page.row.Name };
  }

  async function findOrMake(concepts: Concept[], suspect: boolean): Promise<NodeRef[]> {
    await refreshFor(concepts);
    const refs: NodeRef[] = [];
    // One after the other: rows made in parallel under one parent conflict, and two concepts may be one node.
    for (const concept of concepts) {
      const known = match(concept);
      refs.push(known ? { id: known.id, name: known.name } : await make(concept, suspect));
    }
    return refs;
  }

  return {
    async find(concepts: Concept[], options: { suspect?: boolean }): Promise<NodeRef[]> {
      if (concepts.length === 0) return [];
      return exclusive("nodes", () => findOrMake(concepts, options.suspect ?? false));
    },
    /** Reads the whole index before the first item needs it. */
    async warmUp(): Promise<void> {
      if (since === null) await refresh([]);
    },
  };
}

function changesFilter(db: BoundDatabase, since: number, reused: KnownNode[]): Json {
  const property = db.properties.get("Name")?.id;
  return {
    or: [
      { timestamp: "last_edited_time", last_edited_time: { on_or_after: new Date(since).toISOString() } },
      ...reused.map((node) => ({ property, title: { equals: node.title } })),
    ],
  };
}

/** Case, width and spacing do not make another name. */
export function normalName(name: string): string {
  return name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** Exact, else the closest at or above the ratio. "Plan 2025" is never "Plan 2026". */
export function bestMatch<T extends { normal: string }>(wanted: string, candidates: T[]): T | null {
  const exact = candidates.find((c) => c.normal === wanted);
  if (exact) return exact;
  let best: T | null = null;
  let bestRatio = FUZZY_RATIO;
  for (const candidate of candidates) {
    const longest = Math.max(wanted.length, candidate.normal.length);
    const shortest = Math.min(wanted.length, candidate.normal.length);
    if (shortest < bestRatio * longest || digitsOf(candidate.normal) !== digitsOf(wanted)) continue;
    const ratio = 1 - distance(wanted, candidate.normal) / longest;
    if (ratio >= bestRatio) {
      best = candidate;
      bestRatio = ratio;
    }
  }
  return best;
}

function digitsOf(name: string): string {
  return name.replace(/\D+/g, " ").trim();
}

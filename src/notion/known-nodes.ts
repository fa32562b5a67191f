/** The nodes by name: in memory, and kept in the store so that the next start has them too. */
import type { Concept } from "../domain/analysis.ts";
import type { nodes as nodeTable } from "./databases/nodes.ts";
import { bestMatch, normalName } from "./near-names.ts";
import type { NodeMemory, NodeReading } from "./ports.ts";
import type { Page } from "./rows.ts";
import type { Table } from "./table.ts";

/** What is kept may lag behind by as much. */
const KEEP_EVERY_MS = 3_600_000;

export interface NodeRef {
  id: string;
  name: string;
}

export interface KnownNode extends NodeRef {
  normal: string;
  /** The name to the letter, as a filter has to ask for it. */
  title: string;
  /** Made by us, by our clock; 0 = seen in a query. */
  madeAt: number;
}

/** A name to ask Notion for, and the node that had it; null = none that is known. */
export interface Wanted {
  title: string;
  node: KnownNode | null;
}

export interface KnownNodesDeps {
  table: Table<typeof nodeTable>;
  memory: NodeMemory;
}

export function createKnownNodes(deps: KnownNodesDeps) {
  const index = new Map<string, KnownNode>();
  const keeper = createKeeper(deps);
  let newestEdit = 0;

  function learn(page: Page<{ Name: string }>): void {
    newestEdit = Math.max(newestEdit, Date.parse(page.lastEditedAt) || 0);
    named(page.id, page.inTrash ? "" : page.row.Name);
  }

  /** Empty = not to be used. */
  function named(id: string, title: string): void {
    if (title.trim() === "") forget(id);
    else know(id, title, 0);
  }

  function know(id: string, title: string, madeAt: number): void {
    if (index.get(id)?.title !== title) keeper.note(id, title);
    index.set(id, nodeOf(id, title, madeAt));
  }

  function forget(id: string): void {
    if (index.delete(id)) keeper.note(id, null);
  }

  const match = (concept: Concept) => bestMatch(normalName(concept.name), [...index.values()]);

  /** Each once. */
  function wantedOf(concepts: Concept[]): Wanted[] {
    const wanted = concepts.map((concept): Wanted => {
      const node = match(concept);
      return { title: node?.title ?? concept.name.trim(), node: node ?? null };
    });
    const asked = wanted.filter(({ title }) => title !== "");
    return [...new Map(asked.map((one) => [one.node?.id ?? one.title, one])).values()];
  }

  return {
    learn,
    named,
    match,
    wantedOf,
    /** Milliseconds since 1970; 0 = nothing was learnt. */
    newestEdit: () => newestEdit,

    made({ id, name }: NodeRef, at: number): void {
      know(id, name, at);
    },

    /** What was kept; null = nothing. */
    async recall(isOfUse: (kept: NodeReading) => boolean): Promise<NodeReading | null> {
      const kept = await keeper.load();
      if (kept === null || !isOfUse(kept)) return null;
      for (const { id, title } of kept.nodes) index.set(id, nodeOf(id, title, 0));
      return kept;
    },
    keep: keeper.keep,
  };
}

/** Keeps what changed in the index, and when it has been long, until when everything is known. */
function createKeeper({ table, memory }: KnownNodesDeps) {
  const unkept = new Map<string, string | null>();
  let keptSince: number | null = null;

  return {
    async load() {
      const kept = await memory.load((await table.bound()).dataSourceId);
      keptSince = kept?.since ?? null;
      return kept;
    },
    /** null = gone. */
    note(id: string, title: string | null): void {
      unkept.set(id, title);
    },
    async keep(reading: NodeReading): Promise<void> {
      const isRecent = keptSince !== null && Math.abs(reading.since - keptSince) < KEEP_EVERY_MS;
      if (unkept.size === 0 && isRecent) return;
      const titles = new Map(unkept);
      await memory.save((await table.bound()).dataSourceId, { ...reading, titles });
      keptSince = reading.since;
      for (const [id, title] of titles) if (unkept.get(id) === title) unkept.delete(id);
    },
  };
}

const nodeOf = (id: string, title: string, madeAt: number): KnownNode => ({
  ...{ id, title, madeAt, name: title.trim() },
  normal: normalName(title.trim()),
});

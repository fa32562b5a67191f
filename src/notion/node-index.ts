/**
 * All nodes by name. They are read once; later one query brings what changed since and confirms that the nodes about to be
 * reused still exist. Where Notion does not list all of them, it is asked for the names themselves too.
 */
import type { Concept } from "../domain/analysis.ts";
import { isAppError } from "../errors.ts";
import type { nodes as nodeTable } from "./databases/nodes.ts";
import type { Clock } from "./gateway.ts";
import type { Json } from "./lenient-json.ts";
import { bestMatch, normalName } from "./near-names.ts";
import type { Page } from "./rows.ts";
import type { BoundDatabase } from "./schema.ts";
import type { Table } from "./table.ts";

/** Times are rounded down to the minute, and queries may lag behind writes. */
const OVERLAP_MS = 5 * 60_000;
/** Our clock and Notion's differ by less than this. */
const CLOCK_SLACK_MS = 10 * 60_000;
/** A node this young may not show up in a query yet. */
const TRUST_MS = 2 * 60_000;
/** Notion takes 100 conditions in one filter; one is the time. */
const MAX_NAMES = 99;

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

interface NodeIndexDeps {
  table: Table<typeof nodeTable>;
  clock: Clock;
}

export function createNodeIndex({ table, clock }: NodeIndexDeps) {
  const index = new Map<string, KnownNode>();
  /** Start of the next incremental query; null = nothing was read yet. */
  let since: number | null = null;
  let newestEdit = 0;
  /** Notion has nodes that it does not list. */
  let isPartial = false;
  let reading: Promise<void> | null = null;

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
      onHidden: () => {
        isPartial = true;
      },
      ...(changedSince !== null && { where: (db: BoundDatabase) => changesFilter(db, changedSince, reused) }),
    });
    for (const page of pages) learn(page);
    const seen = new Set(pages.map((page) => page.id));
    for (const node of reused)
      if (
        !seen.has(node.id) &&
        node.madeAt + TRUST_MS < startedAt &&
        (await standing(table, node.id)) === null
      )
        index.delete(node.id);
    since = Math.max(newestEdit - OVERLAP_MS, startedAt - CLOCK_SLACK_MS);
  }

  /** A hundred in a request: whoever comes meanwhile waits for the same reading. */
  function readAll(): Promise<void> {
    reading ??= refresh([]).finally(() => {
      reading = null;
    });
    return reading;
  }

  /** By themselves: beside what changed, they would be hidden behind an import of a minute ago. */
  async function lookUp(names: string[]): Promise<void> {
    const where = (db: BoundDatabase) => ({ or: titlesAre(db, names) });
    for (const page of await table.query({ read: ["Name"], where, onHidden: () => undefined })) learn(page);
  }

  const match = (concept: Concept) => bestMatch(normalName(concept.name), [...index.values()]);

  return {
    match,

    /** What stands for these concepts now is in the index afterwards. */
    async refreshFor(concepts: Concept[]): Promise<void> {
      if (since === null) {
        const isMine = reading === null;
        await readAll();
        // What others began to read may lack what came since.
        if (isMine && !isPartial) return;
      }
      const reused = new Map(concepts.flatMap((c) => match(c) ?? []).map((node) => [node.id, node]));
      const batch = [...reused.values()];
      for (let start = 0; start === 0 || start < batch.length; start += MAX_NAMES)
        await refresh(batch.slice(start, start + MAX_NAMES));
      const names = concepts.filter((c) => isPartial && match(c) === null).map((c) => c.name.trim());
      if (names.length > 0) await lookUp(names.slice(0, MAX_NAMES));
    },

    made(node: NodeRef): void {
      index.set(node.id, { ...node, title: node.name, normal: normalName(node.name), madeAt: clock.now() });
    },

    /** Reads all of it before the first item needs it. */
    async warmUp(): Promise<void> {
      if (since === null) await readAll();
    },
  };
}

/** A node that we remember may have been thrown away since: null. */
export async function standing(table: Table<typeof nodeTable>, id: string): Promise<NodeRef | null> {
  const page = await table.get(id, ["Name"]).catch((error: unknown) => {
    if (isAppError(error) && error.code === "notion_not_found") return null;
    throw error;
  });
  return page === null || page.inTrash ? null : { id, name: page.row.Name };
}

const titlesOf = (nodes: KnownNode[]) => nodes.map(({ title }) => title);

function changesFilter(db: BoundDatabase, since: number, reused: KnownNode[]): Json {
  return {
    or: [
      { timestamp: "last_edited_time", last_edited_time: { on_or_after: new Date(since).toISOString() } },
      ...titlesAre(db, titlesOf(reused)),
    ],
  };
}

function titlesAre(db: BoundDatabase, titles: string[]): Json[] {
  const property = db.properties.get("Name")?.id;
  return titles.map((title) => ({ property, title: { equals: title } }));
}

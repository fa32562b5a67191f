/**
 * All nodes by name. They are read once and kept; later one query brings what changed since, confirms that the nodes about
 * to be reused still exist, and asks for the names that are not known. Where Notion does not list all of its nodes, it is
 * asked for those names by themselves too.
 */
import type { Concept } from "../domain/analysis.ts";
import { isAppError } from "../errors.ts";
import type { nodes as nodeTable } from "./databases/nodes.ts";
import type { Clock } from "./gateway.ts";
import { createKnownNodes, type KnownNodesDeps, type NodeRef, type Wanted } from "./known-nodes.ts";
import type { Json } from "./lenient-json.ts";
import type { BoundDatabase } from "./schema.ts";
import type { Table } from "./table.ts";

/** Times are rounded down to the minute, and queries may lag behind writes. */
const OVERLAP_MS = 5 * 60_000;
/** Our clock and Notion's differ by less than this. */
const CLOCK_SLACK_MS = 10 * 60_000;
/** A node this young may not show up in a query yet. */
const TRUST_MS = 2 * 60_000;
/** By how much a clock may have been wrong when it said since when. */
const LOOK_BACK_MS = 24 * 3_600_000;
/** Notion takes 100 conditions in one filter; one is the time. */
const MAX_NAMES = 99;

export function createNodeIndex({ table, memory, clock }: KnownNodesDeps & { clock: Clock }) {
  const known = createKnownNodes({ table, memory });
  /** Start of the next incremental query; null = nothing was read yet. */
  let since: number | null = null;
  /** Notion has nodes that it does not list. */
  let isPartial = false;
  let reading: Promise<boolean> | null = null;

  /** Reads what changed, and what has one of these names. The ids of what Notion shows. */
  async function refresh(wanted: Wanted[]): Promise<string[]> {
    const startedAt = clock.now();
    const changedSince = since;
    const pages = await table.query({
      read: ["Name"],
      onHidden: () => {
        isPartial = true;
      },
      ...(changedSince !== null && { where: (db: BoundDatabase) => changesFilter(db, changedSince, wanted) }),
    });
    for (const page of pages) known.learn(page);
    since = Math.max(known.newestEdit() - OVERLAP_MS, startedAt - CLOCK_SLACK_MS);
    return pages.map(({ id }) => id);
  }

  /** What is going to be used is still there and called so: what Notion did not show is asked for by itself. */
  async function confirm(concepts: Concept[], shown: Set<string>): Promise<void> {
    const youngest = clock.now() - TRUST_MS;
    for (const concept of concepts)
      for (let node = known.match(concept); node !== null; node = known.match(concept)) {
        if (shown.has(node.id) || node.madeAt >= youngest) break;
        known.named(node.id, (await standing(table, node.id))?.name ?? "");
        shown.add(node.id);
      }
  }

  /** What was kept, and what changed since; or all of it, a hundred in a request. Whether it was all of it. */
  async function begin(): Promise<boolean> {
    const kept = await known.recall((one) => one.since <= clock.now());
    if (kept !== null) {
      isPartial = kept.isPartial;
      since = kept.since - LOOK_BACK_MS;
    }
    await refresh([]);
    await keep();
    return kept === null;
  }

  async function keep(): Promise<void> {
    if (since !== null) await known.keep({ since, isPartial });
  }

  /** Whoever comes meanwhile waits for the same reading. */
  function beginOnce(): Promise<boolean> {
    reading ??= begin().finally(() => {
      reading = null;
    });
    return reading;
  }

  /** By themselves: beside what changed, they would be hidden behind an import of a minute ago. */
  async function lookUp(names: string[]): Promise<void> {
    const where = (db: BoundDatabase) => ({ or: titlesAre(db, names) });
    for (const page of await table.query({ read: ["Name"], where, onHidden: () => undefined }))
      known.learn(page);
  }

  return {
    match: known.match,

    /** What stands for these concepts now is in the index afterwards. */
    async refreshFor(concepts: Concept[]): Promise<void> {
      if (since === null || reading !== null) {
        const isMine = reading === null;
        const isWhole = await beginOnce();
        // What others began to read may lack what came since, and what was kept what was thrown away.
        if (isMine && isWhole && !isPartial) return;
      }
      const wanted = known.wantedOf(concepts);
      const shown = new Set<string>();
      for (let start = 0; start === 0 || start < wanted.length; start += MAX_NAMES)
        for (const id of await refresh(wanted.slice(start, start + MAX_NAMES))) shown.add(id);
      await confirm(concepts, shown);
      const names = concepts.filter((c) => isPartial && known.match(c) === null).map((c) => c.name.trim());
      if (names.length > 0) await lookUp(names.slice(0, MAX_NAMES));
      await keep();
    },

    made(node: NodeRef): void {
      known.made(node, clock.now());
    },

    /** Reads all of it before the first item needs it. */
    async warmUp(): Promise<void> {
      if (since === null) await beginOnce();
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

function changesFilter(db: BoundDatabase, since: number, wanted: Wanted[]): Json {
  return {
    or: [
      { timestamp: "last_edited_time", last_edited_time: { on_or_after: new Date(since).toISOString() } },
      ...titlesAre(
        db,
        wanted.map(({ title }) => title),
      ),
    ],
  };
}

function titlesAre(db: BoundDatabase, titles: string[]): Json[] {
  const property = db.properties.get("Name")?.id;
  return titles.map((title) => ({ property, title: { equals: title } }));
}

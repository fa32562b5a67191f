/** The Notion adapter on the stand-in, with the four ports in memory and a clock that only moves when asked. */
import { createLog } from "../../src/log.ts";
import { DATABASES } from "../../src/notion/databases/all.ts";
import type { DatabaseName } from "../../src/notion/databases/property-table.ts";
import type { ObservedCall } from "../../src/notion/gateway.ts";
import type { NodeMemory, NodeReading, Pacer, WriteLedger } from "../../src/notion/ports.ts";
import { createNotionWorkspace } from "../../src/notion/workspace.ts";
import { createNotionStandIn } from "../../src/sandbox/notion/notion-stand-in.ts";
import { createWorkspaceSeed, type NotionSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import type { NotionRow, NotionStandIn } from "../../src/sandbox/stand-ins.ts";
import type { Catalogue, Decisions, FollowUps, Inbox, Records } from "../../src/workflows/ports.ts";

/** The compiler checks here that the adapter is what the workflows ask for. */
interface Ports {
  inbox: Inbox;
  catalogue: Catalogue;
  decisions: Decisions;
  records: Records;
  followUps: FollowUps;
}

const START = Date.parse("2026-11-21T09:00:20Z");

export type Connected = Awaited<ReturnType<typeof connectNotion>>;

export async function connectNotion(
  options: {
    seed?: NotionSeed;
    timeoutMs?: number;
    databases?: Partial<Record<DatabaseName, string>>;
    connect?: boolean;
    queryResultLimit?: number;
    probePacer?: Pacer;
    /** Something between the adapter and the stand-in; gets its address and gives its own. */
    through?: (url: string) => Promise<string>;
  } = {},
) {
  const seed = options.seed ?? createWorkspaceSeed();
  let nowMs = START;
  const sleeps: number[] = [];
  const clock = {
    now: () => nowMs,
    sleep: async (durationMs: number) => {
      sleeps.push(durationMs);
      nowMs += durationMs;
    },
  };
  const standIn = await createNotionStandIn({
    seed,
    now: clock.now,
    ...(options.queryResultLimit && { queryResultLimit: options.queryResultLimit }),
  });
  standIn.requestsPerMinute = null;
  const baseUrl = (await options.through?.(standIn.url)) ?? standIn.url;
  const observed: ObservedCall[] = [];
  const memory = memoryPorts(clock);
  const build = ({
    ledger,
    nodeMemory,
  }: Pick<typeof memory, "nodeMemory"> & { ledger: WriteLedger } = memory) =>
    createNotionWorkspace({
      apiKey: seed.token,
      baseUrl,
      databases: { ...databaseIds(standIn), ...options.databases },
      ...memory,
      ...{ ledger, nodeMemory },
      log: createLog({ level: "ERROR", json: true, destination: { write: () => undefined } }),
      observe: (call) => observed.push(call),
      clock,
      timeoutMs: options.timeoutMs ?? 5000,
      ...(options.probePacer && { probePacer: options.probePacer }),
    });
  const notion: ReturnType<typeof build> & Ports = build();
  if (options.connect !== false) await notion.connect();
  return {
    notion,
    standIn,
    clock,
    sleeps,
    observed,
    pages: memory.pages,
    pauses: memory.pauses,
    /** Another process of the bot on the same store, or on a lost one. */
    restart: (store: "same" | "lost" = "same") => build(store === "same" ? memory : memoryPorts(clock)),
    restartWith: (ledger: WriteLedger) => build({ ...memory, ledger }),
    advance: (durationMs: number) => {
      nowMs += durationMs;
    },
    /** Routes asked for while `run` ran. */
    async routesOf(run: () => Promise<unknown>): Promise<string[]> {
      const before = standIn.calls.length;
      await run();
      return standIn.calls.slice(before).map((call) => call.route);
    },
  };
}

function nodeMemory(): NodeMemory {
  const readings = new Map<string, NodeReading>();
  const nodes = new Map<string, Map<string, string>>();
  return {
    async load(source) {
      const reading = readings.get(source);
      const known = [...(nodes.get(source) ?? [])].map(([id, title]) => ({ id, title }));
      return reading ? { ...reading, nodes: known } : null;
    },
    async save(source, { titles, ...reading }) {
      const known = nodes.get(source) ?? new Map<string, string>();
      nodes.set(source, known);
      for (const [id, title] of titles)
        if (title === null) known.delete(id);
        else known.set(id, title);
      readings.set(source, reading);
    },
  };
}

function memoryPorts(clock: { now(): number; sleep(ms: number): Promise<void> }) {
  const pages = new Map<string, { pageId: string | null; startedAt: string }>();
  const numbers = new Map<string, number>();
  const pauses: number[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  let pausedUntil = 0;
  return {
    pages,
    pauses,
    ledger: {
      async begin(key: string) {
        const known = pages.get(key);
        if (known) return { ...known, retried: known.pageId === null };
        const startedAt = new Date(clock.now()).toISOString();
        pages.set(key, { pageId: null, startedAt });
        return { pageId: null, retried: false, startedAt };
      },
      async done(key: string, pageId: string) {
        pages.set(key, { pageId, startedAt: pages.get(key)?.startedAt ?? "" });
      },
    },
    nodeMemory: nodeMemory(),
    pacer: {
      async take() {
        if (pausedUntil > clock.now()) await clock.sleep(pausedUntil - clock.now());
      },
      async pauseFor(durationMs: number) {
        pauses.push(durationMs);
        pausedUntil = clock.now() + durationMs;
      },
    },
    exclusive: <T>(_name: string, run: () => Promise<T>): Promise<T> => {
      const turn = queue.then(run);
      queue = turn.catch(() => undefined);
      return turn;
    },
    counters: {
      async next(name: string, floor: () => Promise<number>) {
        const value = (numbers.get(name) ?? (await floor())) + 1;
        numbers.set(name, value);
        return value;
      },
    },
  };
}

function databaseIds(standIn: NotionStandIn): Record<DatabaseName, string> {
  const byTitle = new Map(standIn.databases().map((db) => [db.title, db.id]));
  const ids = Object.entries(DATABASES).map(([name, { title }]) => [name, byTitle.get(title) ?? ""]);
  return Object.fromEntries(ids) as Record<DatabaseName, string>;
}

/** What a person sees in a cell. */
export function cell(row: NotionRow | undefined, property: string): unknown {
  const value = row?.properties[property];
  if (!value) return undefined;
  const content = value[value.type];
  if (value.type === "title" || value.type === "rich_text")
    return (content as { plain_text: string }[]).map((run) => run.plain_text).join("");
  if (value.type === "select" || value.type === "status")
    return (content as { name: string } | null)?.name ?? null;
  if (value.type === "relation") return (content as { id: string }[]).map((link) => link.id);
  if (value.type === "date") return (content as { start: string } | null)?.start ?? null;
  return content;
}

export function rowNamed(standIn: NotionStandIn, database: string, name: string): NotionRow {
  const rows = standIn.rows(database).filter((row) => titleOf(row) === name);
  const [row] = rows;
  if (!row || rows.length > 1) throw new Error(`${rows.length} rows of ${database} are called "${name}"`);
  return row;
}

export function titleOf(row: NotionRow): unknown {
  const title = Object.entries(row.properties).find(([, value]) => value.type === "title");
  return cell(row, title?.[0] ?? "");
}

/** The seed with one database changed. */
export function seedWith(
  database: string,
  change: (db: NotionSeed["databases"][number]) => NotionSeed["databases"][number],
  seed: NotionSeed = createWorkspaceSeed(),
): NotionSeed {
  return { ...seed, databases: seed.databases.map((db) => (db.title === database ? change(db) : db)) };
}

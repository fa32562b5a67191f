/** Slow-changing tables: areas and advisers, kept for some minutes, and the nodes. */
import type { Adviser, Concept } from "../domain/analysis.ts";
import type { Area } from "../workflows/ports.ts";
import type { agentRegistry } from "./databases/agent-registry.ts";
import type { areas as areaTable } from "./databases/areas.ts";
import type { Clock } from "./gateway.ts";
import type { createNodes } from "./nodes.ts";
import type { Table } from "./table.ts";

const KEEP_MS = 5 * 60_000;

interface CatalogueDeps {
  areas: Table<typeof areaTable>;
  registry: Table<typeof agentRegistry>;
  nodes: ReturnType<typeof createNodes>;
  clock: Clock;
}

export function createCatalogue({ areas, registry, nodes, clock }: CatalogueDeps) {
  return {
    areas: kept(clock, async (): Promise<Area[]> => {
      const pages = await areas.query({ read: ["Name"] });
      return pages
        .map((page) => ({ id: page.id, name: page.row.Name.trim() }))
        .filter((area) => area.name !== "");
    }),
    advisers: kept(clock, async (): Promise<Adviser[]> => {
      const pages = await registry.query({
        where: (db) => ({ property: db.properties.get("Active")?.id, checkbox: { equals: true } }),
        read: ["Agent_Name", "System_Prompt"],
      });
      return pages
        .map(({ id, row }) => ({
          name: row.Agent_Name.trim(),
          systemPrompt: row.System_Prompt.trim(),
          pageId: id,
        }))
        .filter((adviser) => adviser.name !== "");
    }),
    nodes: (concepts: Concept[], options: { suspect?: boolean }) => nodes.find(concepts, options),
  };
}

/** Answers from memory for a while; callers at the same time share one request. A failure is not kept. */
function kept<T>(clock: Clock, read: () => Promise<T>): () => Promise<T> {
  let current: { value: Promise<T>; until: number } | null = null;
  return () => {
    if (current && current.until > clock.now()) return current.value;
    const mine = { value: read(), until: clock.now() + KEEP_MS };
    current = mine;
    mine.value.catch(() => {
      if (current === mine) current = null;
    });
    return mine.value;
  };
}

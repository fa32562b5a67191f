/** The rows a new workspace starts with: areas to sort by, and the three advisers ready to be rewritten. */
import type { agentRegistry } from "./databases/agent-registry.ts";
import type { areas as areaTable } from "./databases/areas.ts";
import type { Table } from "./table.ts";

export const FIRST_AREAS = ["Growth & Market", "Product", "Finance", "People", "Operations"] as const;

export interface FirstRowsDeps {
  areas: Table<typeof areaTable>;
  registry: Table<typeof agentRegistry>;
  /** Names and prompts of the built-in advisers. */
  advisers: readonly { name: string; systemPrompt: string }[];
}

export interface MissingRows {
  areas: string[];
  advisers: string[];
}

/**
 * Advisers are written last, so all of them being there means that an earlier run got through: areas that are
 * missing then were removed by people. Areas of their own making are never added to.
 */
export async function missingRows({ areas, registry, advisers }: FirstRowsDeps): Promise<MissingRows> {
  const rows = await registry.query({ read: ["Agent_Name"] });
  const registered = new Set(rows.map(({ row }) => row.Agent_Name.trim().toLowerCase()));
  const missing = advisers.map(({ name }) => name).filter((name) => !registered.has(name.toLowerCase()));
  if (missing.length === 0) return { areas: [], advisers: [] };
  const existing = (await areas.query({ read: ["Name"] })).map(({ row }) => row.Name.trim());
  const areOurs = existing.every((name) => FIRST_AREAS.some((area) => area === name));
  return {
    areas: areOurs ? FIRST_AREAS.filter((area) => !existing.includes(area)) : [],
    advisers: missing,
  };
}

/** Advisers are not active: the built-in prompt speaks until a team has edited the row and ticks the box. */
export async function writeFirstRows(
  deps: FirstRowsDeps,
  missing: MissingRows,
  onWritten: (title: string) => void = () => undefined,
): Promise<void> {
  for (const name of missing.areas) {
    await deps.areas.create({ key: `area:${name}` }, () => ({ Name: name }));
    onWritten(name);
  }
  for (const { name, systemPrompt } of deps.advisers.filter(({ name }) => missing.advisers.includes(name))) {
    await deps.registry.create({ key: `adviser:${name}` }, () => ({
      Agent_Name: name,
      System_Prompt: systemPrompt,
      Active: false,
    }));
    onWritten(name);
  }
}

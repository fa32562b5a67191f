/** Holds one database's schema: resolved on first use, forgotten when Notion says that it no longer fits. */
import type { Check } from "../domain/health.ts";
import { isAppError, toFailure } from "../errors.ts";
import type { Clock, Gateway } from "./gateway.ts";
import { type BoundDatabase, checkDataSource, type DatabaseConfig, resolveDatabase } from "./schema.ts";

export interface Binding {
  bound(): Promise<BoundDatabase>;
  /** Runs with the schema. A refusal may mean that the schema has changed, so the next use reads it again. */
  using<R>(run: (db: BoundDatabase) => Promise<R>): Promise<R>;
  /** Asks Notion now whether the database is there and as expected. Never throws. */
  check(): Promise<Check>;
}

export function createBinding(
  { gateway, clock }: { gateway: Gateway; clock: Clock },
  config: DatabaseConfig,
): Binding {
  let current: Promise<BoundDatabase> | null = null;

  function bound(): Promise<BoundDatabase> {
    current ??= resolveDatabase(gateway, config).catch((error: unknown) => {
      current = null;
      throw error;
    });
    return current;
  }

  async function readNow(): Promise<BoundDatabase> {
    const known = await current?.catch(() => null);
    const { databaseId, dataSourceId } = known ?? {};
    if (databaseId === undefined || dataSourceId === undefined) return resolveDatabase(gateway, config, 1);
    return checkDataSource(gateway, { ...config, databaseId, dataSourceId }, 1);
  }

  return {
    bound,
    async using(run) {
      try {
        return await run(await bound());
      } catch (error) {
        if (isAppError(error) && ["notion_invalid", "notion_not_found"].includes(error.code)) current = null;
        throw error;
      }
    },
    async check() {
      const seen = (status: Check["status"], detail: string): Check => {
        return { name: config.title, status, detail, checkedAt: new Date(clock.now()).toISOString() };
      };
      try {
        const db = await readNow();
        current = Promise.resolve(db);
        if (db.warnings.length > 0) return seen("degraded", db.warnings.join(" "));
        return seen("ok", "Reachable, schema as expected.");
      } catch (error) {
        return seen("down", toFailure(error).message);
      }
    },
  };
}

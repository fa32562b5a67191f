/** Holds one database's schema: resolved on first use, forgotten when Notion says that it no longer fits. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Check } from "../domain/health.ts";
import { type ErrorCode, isAppError, toFailure } from "../errors.ts";
import type { Clock, Gateway } from "./gateway.ts";
import { type BoundDatabase, checkDataSource, type DatabaseConfig, resolveDatabase } from "./schema.ts";

export interface Binding {
  bound(): Promise<BoundDatabase>;
  /** Runs with the schema. A refusal may mean that the schema has changed, so the next use reads it again. */
  using<R>(run: (db: BoundDatabase) => Promise<R>): Promise<R>;
  /** Asks Notion now whether the database is there and as expected. Never throws; "unknown" = could not ask. */
  check(): Promise<Check>;
}

const KNOWN_WITHIN_MS = 3_000;

/** What has nothing to do with one database is said in the same words for all. */
const OUTAGE: { [code in ErrorCode]?: (answer: string) => string } = {
  notion_unavailable: (answer) => `Notion does not answer: ${answer}.`,
  notion_unauthorized: (answer) => `Notion refuses the key: ${answer}. Check NOTION_API_KEY.`,
  notion_rate_limited: (answer) => `Notion limits our requests: ${answer}.`,
};

/** Without the route in front and the id of the request behind. */
function withoutRequest(message: string): string {
  return message.replace(/^Notion \S+ \S+: /, "").replace(/\.?(, request \S+)?$/, "");
}

interface BindingDeps {
  gateway: Gateway;
  /** For `check`. */
  probeGateway?: Gateway;
  clock: Clock;
}

export function createBinding(
  { gateway, probeGateway = gateway, clock }: BindingDeps,
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
    // Somebody may be waiting for an answer that never comes; that says nothing about the next one.
    const patience = sleep(KNOWN_WITHIN_MS, null, { ref: false });
    const known = await Promise.race([current?.catch(() => null), patience]);
    const { databaseId, dataSourceId } = known ?? {};
    if (databaseId === undefined || dataSourceId === undefined) return resolveDatabase(probeGateway, config);
    return checkDataSource(probeGateway, { ...config, databaseId, dataSourceId });
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
        const { code, message } = toFailure(error);
        if (code === "probe_skipped")
          return seen("unknown", "Not looked at: the requests are needed for work.");
        const status = code === "notion_rate_limited" ? "degraded" : "down";
        return seen(status, OUTAGE[code]?.(withoutRequest(message)) ?? message);
      }
    },
  };
}

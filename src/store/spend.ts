/** What Claude costs. Reserved before a request and settled after it, so that the daily cap holds in flight. */
import { sql } from "kysely";
import type { CallUsage } from "../domain/analysis.ts";
import type { Database, Store } from "./store.ts";

export interface SpendOptions {
  /** 0 = no cap. */
  dailyBudgetUsd: number;
  timezone: string;
  now: () => Date;
}

interface PlannedCall {
  step: string;
  model: string;
  itemId: string;
  estimateUsd: number;
  /** Who is asked, when it is one of several. */
  adviser?: string;
}

/** YYYY-MM-DD in a time zone. */
export function dayIn(timezone: string, moment: Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" }).format(moment);
}

export function createSpendLedger(store: Pick<Store, "db" | "exclusive">, options: SpendOptions) {
  const { db } = store;
  const today = () => dayIn(options.timezone, options.now());
  const spentOn = (day: string, exceptKey = "") => spent(db, day, exceptKey);

  const reserve = async (key: string, call: PlannedCall) => {
    const day = today();
    const row = {
      key,
      day,
      step: call.step,
      model: call.model,
      item_id: call.itemId,
      usd: call.estimateUsd,
      input_tokens: 0,
      output_tokens: 0,
      settled: false,
      at: options.now(),
      adviser: call.adviser ?? null,
    };
    if (options.dailyBudgetUsd > 0) {
      const total = await spentOn(day, key);
      if (total + call.estimateUsd > options.dailyBudgetUsd) return false;
    }
    await db
      .insertInto("spend")
      .values(row)
      .onConflict((c) => c.column("key").doUpdateSet(row))
      .execute();
    return true;
  };

  return {
    /** Serialised across replicas when there is a cap: two reservations never both take the last cent. */
    reserve: (key: string, call: PlannedCall) =>
      options.dailyBudgetUsd > 0 ? store.exclusive("spend", () => reserve(key, call)) : reserve(key, call),
    async settle(key: string, usage: CallUsage): Promise<void> {
      await db
        .updateTable("spend")
        .set({
          usd: usage.costUsd,
          input_tokens: usage.inputTokens,
          output_tokens: usage.outputTokens,
          settled: true,
        })
        .where("key", "=", key)
        .execute();
    },
    async release(key: string): Promise<void> {
      await db.deleteFrom("spend").where("key", "=", key).where("settled", "=", false).execute();
    },
    spentToday: () => spentOn(today()),
    today,
  };
}

async function spent(db: Database, day: string, exceptKey: string): Promise<number> {
  const row = await db
    .selectFrom("spend")
    .select(sql<number>`coalesce(sum(usd), 0)::float`.as("usd"))
    .where("day", "=", day)
    .where("key", "!=", exceptKey)
    .executeTakeFirstOrThrow();
  return row.usd;
}

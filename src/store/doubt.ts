/**
 * A store that was restored from a backup knows nothing of what was done since: Notion and Slack do. This notices such a
 * store at the start, and for a while every create and every post then looks before it writes, at the price of a request.
 */
import type { Database, Store } from "./store.ts";

export interface Doubt {
  /** Up to when the store knows what was done. ISO. */
  since: string;
  until: string;
}

const DOUBT = "doubt";
const HOME = "home";

/** A disk that was set back cannot be told from a bot that was away for as long. */
const AWAY_MS = 5 * 60_000;
/** Longer than any step keeps trying. */
const LASTS_MS = 12 * 3_600_000;

/** At every start, before anything resumes. Null when there is no new reason for doubt. */
export async function noticeRestore(
  { db, identity }: Pick<Store, "db" | "identity">,
  now: Date,
): Promise<Doubt | null> {
  const home = { identity: await identity() };
  const known = await read<typeof home>(db, HOME);
  const lastSign = await lastSignOfLife(db);
  await write(db, HOME, home);
  const isOtherHome = known !== null && known.identity !== home.identity;
  const wasAway = lastSign !== null && now.getTime() - lastSign.getTime() > AWAY_MS;
  if (!isOtherHome && !wasAway) return null;
  const doubt = {
    since: (lastSign ?? now).toISOString(),
    until: new Date(now.getTime() + LASTS_MS).toISOString(),
  };
  await write(db, DOUBT, doubt);
  return doubt;
}

/** The doubt in force; null in ordinary times. */
export async function doubtNow(db: Database): Promise<Doubt | null> {
  const doubt = await read<Doubt>(db, DOUBT);
  return doubt !== null && Date.parse(doubt.until) > Date.now() ? doubt : null;
}

/** A row is written for every minute that the bot lives. */
async function lastSignOfLife(db: Database): Promise<Date | null> {
  const row = await db
    .selectFrom("heartbeats")
    .select((eb) => eb.fn.max("minute").as("minute"))
    .executeTakeFirst();
  return row?.minute ?? null;
}

async function read<T extends object>(db: Database, key: string): Promise<T | null> {
  const row = await db.selectFrom("settings").select("value").where("key", "=", key).executeTakeFirst();
  // Only this file writes these keys, each with its own type.
  return row ? (row.value as T) : null;
}

async function write(db: Database, key: string, value: object): Promise<void> {
  const json = JSON.stringify(value);
  await db
    .insertInto("settings")
    .values({ key, value: json })
    .onConflict((c) => c.column("key").doUpdateSet({ value: json }))
    .execute();
}

/**
 * Alerts as rows. What becomes of an alert is the domain's business: one case is loaded, changed and saved at a time,
 * on any replica, under a lock on its key. Where alerts are shown is kept beside it and never touched by that.
 */
import { type Selectable, sql } from "kysely";
import type { AlertEnd, AlertSignal } from "../domain/alert.ts";
import type { AlertRecord } from "../domain/alert-display.ts";
import {
  type Acting,
  type Alert,
  type AlertAct,
  type AlertActResult,
  type AlertCase,
  type AlertReport,
  acted,
  ended,
  nextReviewAt,
  passed,
  raised,
} from "../domain/alert-life.ts";
import type { Database } from "./store.ts";
import type { AlertReportTable, AlertTable } from "./tables.ts";

const REVIEWS_AT_ONCE = 200;
const OPEN_LIMIT = 2_000;

export function createAlertStore(db: Database) {
  return {
    async raise(signal: AlertSignal, now: Date): Promise<void> {
      await changeCase(db, { key: signal.key, now }, (found) => ({
        next: raised(found, signal, now),
        result: null,
      }));
    },
    async end({ key, ...end }: AlertEnd, now: Date): Promise<void> {
      // Most ends are of what was never raised: no need to lock anything for them.
      const reports = db.selectFrom("alert_reports").select("key").where("key", "=", key);
      if ((await reports.where("source", "=", end.source).executeTakeFirst()) === undefined) return;
      await changeCase(db, { key, now }, (found) => ({ next: ended(found, end, now), result: null }));
    },
    /** What was done is in the audit too, or neither is. */
    async act(id: string, act: AlertAct, acting: Acting): Promise<AlertActResult> {
      const row = await db.selectFrom("alerts").selectAll().where("id", "=", id).executeTakeFirst();
      if (!row) return { kind: "not-found" };
      const { by, now } = acting;
      const entry = {
        at: now,
        actor: by.slackId ?? by.name,
        action: `alert.${act.kind}`,
        subject: id,
        outcome: "done",
        detail: act.kind === "resolve" ? row.key : `${row.key} until ${act.until}`,
      };
      const change = (found: AlertCase): { next: AlertCase; result: AlertActResult } => {
        // An old button: its episode is over, and a later one is none of its business.
        if (found.alert?.id !== id) return { next: found, result: { kind: "already", state: row.state } };
        return acted(found, act, acting);
      };
      return changeCase(db, { key: row.key, now }, change, async (trx, result) => {
        if (result.kind === "done") await trx.insertInto("audit").values(entry).execute();
      });
    },
    /** Lets time pass where it matters; returns how many cases were looked at. */
    async review(now: Date): Promise<number> {
      const due = await db
        .selectFrom("alerts")
        .select("key")
        .where("review_at", "<=", now)
        .orderBy("review_at")
        .limit(REVIEWS_AT_ONCE)
        .execute();
      for (const { key } of due) {
        await changeCase(db, { key, now }, (found) => ({ next: passed(found, now), result: null }));
      }
      return due.length;
    },
    ...readers(db),
  };
}

function readers(db: Database) {
  const alerts = () => db.selectFrom("alerts").selectAll();
  return {
    async find(id: string): Promise<AlertRecord | null> {
      const row = await alerts().where("id", "=", id).executeTakeFirst();
      return row ? toRecord(row) : null;
    },
    /** First what people do not see as it is, then critical ones, then the oldest: a flood must not hide what came after it. */
    async open(): Promise<AlertRecord[]> {
      const rows = await alerts()
        .where("state_kind", "<>", "resolved")
        .orderBy(sql`place is null`, "desc")
        .orderBy(sql`shown_rev < rev`, "desc")
        .orderBy(sql`severity = 'critical'`, "desc")
        .orderBy("opened_at")
        .limit(OPEN_LIMIT)
        .execute();
      return rows.map(toRecord);
    },
    /** Over, but readers do not see it yet. */
    async resolvedUnseen(): Promise<AlertRecord[]> {
      const rows = await alerts()
        .where("state_kind", "=", "resolved")
        .where("place", "is not", null)
        .whereRef("shown_rev", "<", "rev")
        .orderBy("updated_at")
        .limit(OPEN_LIMIT)
        .execute();
      return rows.map(toRecord);
    },
    async resolvedSince(moment: Date, limit: number): Promise<AlertRecord[]> {
      const rows = await alerts()
        .where("state_kind", "=", "resolved")
        .where("updated_at", ">=", moment)
        .orderBy("updated_at", "desc")
        .limit(limit)
        .execute();
      return rows.map(toRecord);
    },
    async reports(key: string): Promise<AlertReport[]> {
      return (await loadReports(db, key)).map(toReport);
    },
    async forgetBefore(moment: Date): Promise<void> {
      await db
        .deleteFrom("alerts")
        .where("state_kind", "=", "resolved")
        .where("updated_at", "<", moment)
        .execute();
      await db
        .deleteFrom("alert_groups")
        .where("joined_at", "<", moment)
        .where(({ not, exists, selectFrom }) => {
          const members = selectFrom("alerts").select("alerts.id");
          return not(exists(members.whereRef("alerts.place", "=", "alert_groups.id")));
        })
        .execute();
    },
  };
}

async function changeCase<T>(
  db: Database,
  { key, now }: { key: string; now: Date },
  change: (found: AlertCase) => { next: AlertCase; result: T },
  within?: (trx: Database, result: T) => Promise<void>,
): Promise<T> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`emm-alert:${key}`}, 0))`.execute(trx);
    const row = await trx
      .selectFrom("alerts")
      .selectAll()
      .where("key", "=", key)
      .orderBy("episode", "desc")
      .limit(1)
      .executeTakeFirst();
    const found = {
      alert: row ? toAlert(row) : null,
      reports: (await loadReports(trx, key)).map(toReport),
    };
    const { next, result } = change(found);
    await saveAlert(trx, { found, next, now });
    await saveReports(trx, { key, before: found.reports, after: next.reports });
    await within?.(trx, result);
    return result;
  });
}

async function saveAlert(
  db: Database,
  { found, next, now }: { found: AlertCase; next: AlertCase; now: Date },
): Promise<void> {
  const { alert } = next;
  if (alert === null) return;
  const values = {
    id: alert.id,
    key: alert.key,
    episode: alert.episode,
    severity: alert.severity,
    title: alert.title,
    detail: alert.detail,
    url: alert.url,
    state_kind: alert.state.kind,
    state: JSON.stringify(alert.state),
    opened_at: alert.openedAt,
    last_at: alert.lastAt,
    count: alert.count,
    returns: alert.returns,
    lapses: alert.lapses,
    lapsed: JSON.stringify(alert.lapsed),
    reporters: alert.reporters,
    rev: alert.rev,
    loud_rev: alert.loudRev,
    review_at: nextReviewAt(next),
    updated_at: found.alert?.id === alert.id && found.alert.rev === alert.rev ? undefined : now,
  };
  if (found.alert?.id === alert.id) {
    await db.updateTable("alerts").set(values).where("id", "=", alert.id).execute();
    return;
  }
  await db
    .insertInto("alerts")
    .values({ ...values, updated_at: now })
    .execute();
}

async function saveReports(
  db: Database,
  { key, before, after }: { key: string; before: AlertReport[]; after: AlertReport[] },
): Promise<void> {
  const gone = before.filter((report) => !after.some(({ source }) => source === report.source));
  if (gone.length > 0) {
    const sources = gone.map(({ source }) => source);
    await db.deleteFrom("alert_reports").where("key", "=", key).where("source", "in", sources).execute();
  }
  for (const report of after.filter((one) => !before.includes(one))) {
    const row = {
      key,
      source: report.source,
      severity: report.severity,
      title: report.title,
      detail: report.detail,
      url: report.url,
      last_at: report.lastAt,
      fresh_until: report.freshUntil,
    };
    await db
      .insertInto("alert_reports")
      .values(row)
      .onConflict((c) => c.columns(["key", "source"]).doUpdateSet(row))
      .execute();
  }
}

function loadReports(db: Database, key: string) {
  return db.selectFrom("alert_reports").selectAll().where("key", "=", key).orderBy("source").execute();
}

function toReport(row: Selectable<AlertReportTable>): AlertReport {
  return {
    source: row.source,
    severity: row.severity,
    title: row.title,
    detail: row.detail,
    url: row.url,
    lastAt: row.last_at.toISOString(),
    freshUntil: row.fresh_until?.toISOString() ?? null,
  };
}

function toAlert(row: Selectable<AlertTable>): Alert {
  return {
    id: row.id,
    key: row.key,
    episode: row.episode,
    severity: row.severity,
    title: row.title,
    detail: row.detail,
    url: row.url,
    state: row.state,
    openedAt: row.opened_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    count: row.count,
    returns: row.returns,
    lapses: row.lapses,
    lapsed: row.lapsed,
    reporters: row.reporters,
    rev: row.rev,
    loudRev: row.loud_rev,
  };
}

export function toRecord(row: Selectable<AlertTable>): AlertRecord {
  const { card_channel, card_ts } = row;
  return {
    ...toAlert(row),
    shown: {
      place: row.place,
      placedAt: row.placed_at?.toISOString() ?? null,
      heldBy: row.held_by,
      card: card_channel !== null && card_ts !== null ? { channel: card_channel, ts: card_ts } : null,
      cardNo: row.card_no,
      rev: row.shown_rev,
      at: row.shown_at?.toISOString() ?? null,
      told: row.told,
      changedAt: row.updated_at.toISOString(),
    },
  };
}

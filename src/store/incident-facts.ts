/** What happened around an incident, as this store knows it: alerts, rollbacks, and every start of a process. */
import { type Selectable, sql } from "kysely";
import type { AlertState } from "../domain/alert-life.ts";
import { shortName } from "../domain/deployment.ts";
import type { TimelineFact } from "../domain/incident.ts";
import type { Database } from "./store.ts";
import type { AlertTable, RollbackTable } from "./tables.ts";

const AT_MOST = 2_000;
const LONGEST_TEXT = 500;

export interface ProcessStart {
  at: Date;
  version: string;
  /** null = the platform does not tell. */
  commit: string | null;
  deployment: string | null;
}

export function createIncidentFacts(db: Database) {
  return {
    /** Alerts that were up at any time between, and what was deployed then. */
    async between(from: Date, until: Date): Promise<TimelineFact[]> {
      const found = [
        ...(await alertFacts(db, from, until)),
        ...(await rollbackFacts(db, from, until)),
        ...(await startFacts(db, from, until)),
      ];
      return found.map((fact) => ({ ...fact, text: clipped(fact.text) }));
    },
    async started({ at, version, commit, deployment }: ProcessStart): Promise<void> {
      await db.insertInto("starts").values({ at, version, commit_hash: commit, deployment }).execute();
    },
    async forgetStartsBefore(moment: Date): Promise<void> {
      await db.deleteFrom("starts").where("at", "<", moment).execute();
    },
  };
}

async function alertFacts(db: Database, from: Date, until: Date): Promise<TimelineFact[]> {
  const rows = await db
    .selectFrom("alerts")
    .selectAll()
    .where("opened_at", "<=", until)
    .where((eb) => eb.or([eb("state_kind", "<>", "resolved"), eb("updated_at", ">=", from)]))
    .orderBy("opened_at", "desc")
    .limit(AT_MOST)
    .execute();
  return rows.flatMap(alertLife);
}

function alertLife(row: Selectable<AlertTable>): TimelineFact[] {
  const key = `alert:${row.id}`;
  const raised: TimelineFact = {
    key: `${key}:raised`,
    at: row.opened_at.toISOString(),
    kind: "alert-raised",
    subject: row.id,
    by: null,
    text: `Alert (${row.severity}): ${row.title}`,
  };
  const later = stateFact(row.state, row.title);
  return later === null ? [raised] : [raised, { ...later, key: `${key}:${later.key}`, subject: row.id }];
}

function stateFact(state: AlertState, title: string): Omit<TimelineFact, "subject"> | null {
  switch (state.kind) {
    case "firing":
      return null;
    case "acknowledged":
      return { ...said("alert-acknowledged", state), text: `Alert acknowledged: ${title}` };
    case "snoozed":
      return { ...said("alert-snoozed", state), text: `Alert snoozed: ${title}` };
    case "resolved":
      return { ...said("alert-resolved", state), text: `Alert over: ${title}` };
  }
}

function said(
  kind: TimelineFact["kind"],
  { at, by }: Extract<AlertState, { at: string }>,
): Pick<TimelineFact, "key" | "kind" | "at" | "by"> {
  return { key: `${kind}:${at}`, kind, at, by };
}

async function rollbackFacts(db: Database, from: Date, until: Date): Promise<TimelineFact[]> {
  const rows = await db
    .selectFrom("rollbacks")
    .selectAll()
    .where("started_at", "<=", until)
    .where((eb) => eb.or([eb("ended_at", "is", null), eb("ended_at", ">=", from)]))
    .orderBy("started_at")
    .limit(AT_MOST)
    .execute();
  return rows.flatMap(rollbackLife);
}

function rollbackLife(row: Selectable<RollbackTable>): TimelineFact[] {
  const name = shortName(row.target);
  const common = { kind: "deploy", subject: row.id } as const;
  const begun: TimelineFact = {
    ...common,
    key: `rollback:${row.id}:started`,
    at: row.started_at.toISOString(),
    by: row.person,
    text: `Rollback to ${name} started`,
  };
  if (row.state.kind !== "ended") return [begun];
  const reason = row.state.reason === null ? "" : ` ${row.state.reason}`;
  const text = `Rollback to ${name}: ${RESULTS[row.state.result]}.${reason}`;
  return [begun, { ...common, key: `rollback:${row.id}:ended`, at: row.state.at, by: null, text }];
}

const RESULTS = {
  healthy: "healthy",
  degraded: "live, but degraded",
  unverified: "online, but not verified",
  failed: "failed",
  "not-started": "not started",
  overtaken: "overtaken by another deployment",
  "not-known": "it is not known what became of it",
} as const;

async function startFacts(db: Database, from: Date, until: Date): Promise<TimelineFact[]> {
  const before = <T>(column: string) => sql<T>`lag(${sql.ref(column)}) over (order by id)`;
  const starts = db
    .selectFrom("starts")
    .select(["id", "at", "version", "commit_hash", "deployment"])
    .select([
      before<string | null>("commit_hash").as("commit_before"),
      before<string | null>("deployment").as("deployment_before"),
      before<string | null>("version").as("version_before"),
    ])
    .as("starts");
  const rows = await db
    .selectFrom(starts)
    .selectAll()
    .where("at", ">=", from)
    .where("at", "<=", until)
    .orderBy("at")
    .limit(AT_MOST)
    .execute();
  return rows.map((row) => {
    const isFirst = row.version_before === null;
    const isNew =
      !isFirst &&
      (row.commit_hash !== row.commit_before ||
        row.deployment !== row.deployment_before ||
        row.version !== row.version_before);
    const commit = row.commit_hash === null ? "" : `, commit ${row.commit_hash.slice(0, 7)}`;
    const what = isNew ? "A new deployment started" : "The bot started";
    return {
      key: `start:${row.id}`,
      at: row.at.toISOString(),
      kind: "deploy",
      subject: row.deployment,
      by: null,
      text: `${what} (version ${row.version}${commit})`,
    };
  });
}

/** PostgreSQL takes no half of a surrogate pair. */
function clipped(text: string): string {
  return text.slice(0, LONGEST_TEXT).replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** Years of history in the bot's own tables, made of copies of the rows that are there. */
import type pg from "pg";

interface Copied {
  table: string;
  /** Rows to copy: what is finished. */
  where?: string;
  /** Columns that are not simply moved into the past, as SQL over `t` and `n`. */
  columns?: Record<string, string>;
}

const HOUR_MS = 3_600_000;
/** Older than anything that is asked for by its age, so that only what does not look at the age reads more. */
const AT_LEAST_HOURS = 40 * 24;
/** Each copy lies so many hours further back. */
const APART_HOURS = 12;
const BACK = `(${AT_LEAST_HOURS} + n * ${APART_HOURS}) * interval '1 hour'`;
const BACK_MS = `(${AT_LEAST_HOURS} + n * ${APART_HOURS})::bigint * ${HOUR_MS}`;
const RENAMED = (column: string) => `t.${column} || '~' || n`;

const TABLES: readonly Copied[] = [
  { table: "emm.items", where: "state = 'done'" },
  { table: "emm.origins" },
  {
    table: "emm.decisions",
    where: "state_kind = 'recorded'",
    columns: {
      card_rev: "t.rev",
      state: `jsonb_set(jsonb_set(t.state, '{outcome,at}', ${shiftedJson("{outcome,at}")}), '{recordedAt}', ${shiftedJson("{recordedAt}")})`,
    },
  },
  { table: "emm.writes" },
  { table: "emm.posts", where: "ts is not null" },
  { table: "emm.deliveries" },
  { table: "emm.spend", columns: { day: `to_char(t.at - ${BACK}, 'YYYY-MM-DD')` } },
  { table: "emm.audit" },
  { table: "emm.reminders" },
  { table: "emm.captures" },
  { table: "emm.starts" },
  { table: "emm.heartbeats", columns: { minute: "t.minute - interval '40 days' - n * interval '1 hour'" } },
  { table: "emm.service_counts", columns: { bucket: "t.bucket - interval '40 days' - n * interval '1 hour'" } },
  { table: "emm.alerts", where: "state_kind = 'resolved'", columns: { episode: "t.episode + n" } },
  { table: "dbos.workflow_status", where: "status = 'SUCCESS'" },
  {
    table: "dbos.operation_outputs",
    where: "exists (select from dbos.workflow_status w where w.workflow_uuid = t.workflow_uuid || '~1')",
  },
];

function shiftedJson(path: string): string {
  return `to_jsonb(to_char((t.state #>> '${path}')::timestamptz at time zone 'UTC' - ${BACK}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;
}

/** Different rows that are copied. */
const SAMPLES = 50;

/** Brings each of these tables to about so many rows; those without a row stay empty. */
export async function growStore(client: pg.Client, rows: number): Promise<void> {
  for (const copied of TABLES) {
    const columns = await columnsOf(client, copied.table);
    if (columns.length === 0) continue;
    const list = columns.map(({ name }) => client.escapeIdentifier(name)).join(", ");
    const values = columns.map((column) => copied.columns?.[column.name] ?? moved(column)).join(", ");
    const source = `select * from ${copied.table} t where ${copied.where ?? "true"} order by 1 limit ${SAMPLES}`;
    await client.query(
      `insert into ${copied.table} (${list})
       select ${values} from (${source}) t, generate_series(1, $1::int) n on conflict do nothing`,
      [Math.ceil(rows / SAMPLES)],
    );
  }
  await client.query("analyze");
}

interface Column {
  name: string;
  type: string;
  isKey: boolean;
  /** The expression of a running number. */
  serial: string | null;
}

async function columnsOf(client: pg.Client, table: string): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `select a.attname as name, format_type(a.atttypid, null) as type,
       substring(pg_get_expr(d.adbin, d.adrelid) from '^nextval.*') as serial,
       exists (select from pg_index i where i.indrelid = a.attrelid and i.indisunique and a.attnum = any(i.indkey)) as "isKey"
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`,
    [table],
  );
  return rows;
}

function moved({ name, type, isKey, serial }: Column): string {
  if (serial !== null) return serial;
  if (type.startsWith("timestamp")) return `t.${name} - ${BACK}`;
  if (type === "bigint" && /(_at|_epoch_ms|_at_ms)$/.test(name)) return `t.${name} - ${BACK_MS}`;
  if (isKey && type === "text") return RENAMED(name);
  if (isKey && type.startsWith("uuid")) return "gen_random_uuid()";
  return `t.${name}`;
}

/** Finds what lies untouched, for whoever takes it up again. */
import { type RawBuilder, sql } from "kysely";

/** A moment this far ahead was written by a clock that has been set back since: its age is not known. */
const AHEAD_MS = 60_000;

type Touched = "updated_at" | "changed_at" | "started_at";

export function isUntouched(column: Touched, since: Date): RawBuilder<boolean> {
  const at = sql.ref(column);
  return sql<boolean>`(${at} < ${since} or ${at} > ${new Date(Date.now() + AHEAD_MS)})`;
}

/**
 * What is forgotten of finished work, batch by batch, for as long as the caller has time: whole workflows whose id is
 * never asked for again; of those that must not run twice, the results of their steps, which only a replay reads.
 */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";

/** One transaction each: nobody who waits for the same rows or the same connection waits for long. */
const BATCH = 1_000;

export interface Forgotten {
  count: number;
  /** false = the time was over first. */
  isAll: boolean;
}

/** Milliseconds of `performance.now()`. */
type Deadline = number;

/** Finished workflows with these id prefixes; an id that is forgotten could run again. */
export function forgetWorkflows(
  prefixes: string[],
  completedBefore: Date,
  deadline: Deadline = Number.POSITIVE_INFINITY,
): Promise<Forgotten> {
  // What comes earlier is kept: read once, not again for every batch.
  let startTime: string | undefined;
  return inBatches(deadline, async () => {
    const old = await DBOS.listWorkflows({
      workflow_id_prefix: prefixes,
      status: ["SUCCESS", "ERROR"],
      completedBefore: completedBefore.toISOString(),
      ...(startTime !== undefined && { startTime }),
      limit: BATCH,
      loadInput: false,
      loadOutput: false,
    });
    const last = old.at(-1);
    if (last === undefined) return 0;
    startTime = new Date(last.createdAt).toISOString();
    await DBOS.deleteWorkflows(old.map((workflow) => workflow.workflowID));
    return old.length;
  });
}

/** The results of all steps of the workflows with these names that succeeded; their ids, inputs and results stay. */
export function forgetSteps(names: string[], completedBefore: Date, deadline: Deadline): Promise<Forgotten> {
  const engine = DBOSExecutor.globalInstance;
  if (!engine) return Promise.resolve({ count: 0, isAll: false });
  // By the time at which a result was written, so that nothing is read that was cleared up before; and one look at the
  // key for each, whatever the planner knows of the tables: the embedded database never counts them.
  const sql = `delete from dbos.operation_outputs where ctid = any(array(
      select o.ctid from dbos.operation_outputs o
      where o.retention_timestamp < $2 and (
        select w.name = any($1) and w.status = 'SUCCESS' and w.completed_at < $2
        from dbos.workflow_status w where w.workflow_uuid = o.workflow_uuid)
      limit ${BATCH}))`;
  const { pool } = engine.systemDatabase;
  return inBatches(deadline, async () => {
    const { rowCount } = await pool.query(sql, [names, completedBefore.getTime()]);
    return rowCount ?? 0;
  });
}

async function inBatches(deadline: Deadline, batch: () => Promise<number>): Promise<Forgotten> {
  let count = 0;
  while (performance.now() < deadline) {
    const done = await batch();
    count += done;
    if (done < BATCH) return { count, isAll: true };
  }
  return { count, isAll: false };
}

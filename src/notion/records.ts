/** Training Data and Execution Log: written once, never changed. */
import type { CreateOptions, LogEntry, PageRef, TrainingRow } from "../workflows/ports.ts";
import type { executionLog } from "./databases/execution-log.ts";
import type { trainingData } from "./databases/training-data.ts";
import { deciderName } from "./decisions.ts";
import type { RunningNumber } from "./numbers.ts";
import type { Table } from "./table.ts";

interface RecordDeps {
  training: Table<typeof trainingData>;
  log: Table<typeof executionLog>;
  logIds: RunningNumber;
}

export function createRecords({ training, log, logIds }: RecordDeps) {
  return {
    async createTraining(row: TrainingRow, options: CreateOptions): Promise<PageRef> {
      const { id, url } = await training.create(options, () => ({
        Title: row.title,
        Intent_ID: row.intentId,
        Timestamp: row.at,
        Agent_Name: row.adviser,
        Acceptance_Rate: Math.round(row.acceptanceRate * 10_000) / 100,
        Modifications_Count: row.modifications.length,
        Outcome: row.outcome.verdict,
        Reason: row.outcome.reason ?? "",
        Decided_By: deciderName(row.outcome),
        Model: row.model,
        Original_Plan: JSON.stringify(row.original),
        Final_Plan: row.final === null ? "" : JSON.stringify(row.final),
        Modifications: JSON.stringify(row.modifications),
      }));
      return { id, url };
    },

    async createLog(entry: LogEntry, options: CreateOptions): Promise<PageRef> {
      const { id, url } = await log.create(options, async () => ({
        Log_Entry_Title: entry.title,
        Action_Taken: entry.action,
        Decision_Date: entry.at,
        Actor: entry.actor,
        ...(entry.intentId !== null && { Intent: [entry.intentId] }),
        ...(entry.pipeId !== null && { Action: [entry.pipeId] }),
        Log_ID: await logIds.next(),
      }));
      return { id, url };
    },
  };
}

/** Training Data and Execution Log: written once, never changed. */
import type { Approval, Outcome } from "../domain/decision.ts";
import { afterWords, REVIEW_OUTCOMES, type ReviewRow } from "../domain/review.ts";
import { readPlan } from "../domain/training-examples.ts";
import type { CreateOptions, LogEntry, PageRef, TrainingRow } from "../workflows/ports.ts";
import type { executionLog } from "./databases/execution-log.ts";
import type { trainingData } from "./databases/training-data.ts";
import { deciderFrom, deciderName } from "./decisions.ts";
import type { RunningNumber } from "./numbers.ts";
import type { Table } from "./table.ts";

interface RecordDeps {
  training: Table<typeof trainingData>;
  log: Table<typeof executionLog>;
  logIds: RunningNumber;
  /** Notion user id of the bot. */
  botId: () => Promise<string>;
}

/** The bot's mark on the row of a decision; `readTrainingCases` reads it too. */
const trainingKey = (pipeId: string) => `training:${pipeId}`;

export function createRecords({ training, log, logIds, botId }: RecordDeps) {
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

    /** A row of its own, because rows are never changed; what the settlement measures is empty in it. */
    async createReview(row: ReviewRow, options: CreateOptions): Promise<PageRef> {
      const { answer } = row;
      const { id, url } = await training.create(options, () => ({
        Title: `Review ${afterWords(row.days)}: ${row.title}`,
        Intent_ID: row.intentId,
        Timestamp: answer.at,
        Agent_Name: row.adviser,
        Outcome: REVIEW_OUTCOMES[answer.verdict],
        Reason: answer.note ?? "",
        Decided_By: deciderName({ by: answer.by, selfApproved: false }),
        Model: row.model,
        Original_Plan: JSON.stringify(row.original),
        Final_Plan: row.final === null ? "" : JSON.stringify(row.final),
      }));
      return { id, url };
    },

    async ownOutcome({ id, lastEditedBy }: { id: string; lastEditedBy: string }): Promise<Outcome | null> {
      const self = await botId();
      if (lastEditedBy !== self || !(await training.has("Key"))) return null;
      const rows = await training.query({
        where: (db) => ({ property: db.properties.get("Key")?.id, rich_text: { equals: trainingKey(id) } }),
        read: ["Outcome", "Decided_By", "Timestamp", "Reason", "Final_Plan"],
      });
      const row = rows.find((one) => one.createdBy === self && one.lastEditedBy === self)?.row;
      return row ? outcomeOf(row) : null;
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

/** Null when the row was changed by hand into something that is no outcome. */
function outcomeOf(row: {
  Outcome: string | null;
  Decided_By: string;
  Timestamp: string | null;
  Reason: string;
  Final_Plan: string;
}): Outcome | null {
  const verdict = VERDICTS.find((one) => one === row.Outcome);
  if (!verdict || row.Timestamp === null) return null;
  const isCarriedOut = verdict === "approved" || verdict === "edited";
  const final = isCarriedOut ? readPlan(row.Final_Plan) : null;
  if (isCarriedOut && final === null) return null;
  const reason = row.Reason.trim() === "" ? null : row.Reason;
  const via = verdict === "expired" ? ("timer" as const) : ("notion" as const);
  const { voters, ...decider } = deciderFrom(row.Decided_By);
  const approvals = voters?.map((voter) => approvalOf(voter, { at: row.Timestamp ?? "", reason }));
  return {
    ...{ verdict, ...decider, at: row.Timestamp, reason, final, via },
    ...(approvals && isCarriedOut && { approvals }),
  };
}

/** Notion keeps neither when each of them approved nor the hash of what. */
function approvalOf(
  { by, selfApproved, breakGlass }: Pick<Outcome, "by" | "selfApproved" | "breakGlass">,
  { at, reason }: { at: string; reason: string | null },
): Approval {
  return {
    ...{ by, at, planHash: "" },
    ...(selfApproved && { selfApproved: true }),
    ...(breakGlass && { breakGlass: { reason: reason ?? "" } }),
  };
}

const VERDICTS = ["approved", "edited", "rejected", "expired", "withdrawn"] as const;

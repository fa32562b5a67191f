/** Executive Intents and Action Pipes: the question, the proposal, and what was decided. */
import { priorityOf } from "../domain/analysis.ts";
import { nameWithId, type Outcome, type Person } from "../domain/decision.ts";
import { type OptionId, OptionIdSchema, type PipeContent } from "../domain/plan.ts";
import type {
  CreateOptions,
  DecisionWrite,
  NewIntent,
  NewPipe,
  PageRef,
  PipeRow,
} from "../workflows/ports.ts";
import type { actionPipes } from "./databases/action-pipes.ts";
import type { executiveIntents } from "./databases/executive-intents.ts";
import type { Row, RowWrite } from "./databases/property-table.ts";
import type { RunningNumber } from "./numbers.ts";
import type { Page } from "./rows.ts";
import type { Table } from "./table.ts";

const PIPE_PROPERTIES = [
  "Action_Title",
  "Scenario_Options",
  "Risk_Assessment",
  "Required_Resources",
  "Task_Generation_Template",
  "Recommended_Option",
  "Approval_Status",
  "Decision_Reason",
] as const;

/** Our word first, then the words older workspaces use for it. */
const CONFLICT_NAMES = {
  None: ["None", "None - Full Consensus"],
  Low: ["Low", "Low - Minor Disagreement"],
  Medium: ["Medium", "Medium - Split Opinion"],
  High: ["High", "High - Major Conflict"],
};

interface DecisionDeps {
  intents: Table<typeof executiveIntents>;
  pipes: Table<typeof actionPipes>;
  intentIds: RunningNumber;
}

export function createDecisions({ intents, pipes, intentIds }: DecisionDeps) {
  return {
    async createIntent(intent: NewIntent, options: CreateOptions): Promise<PageRef> {
      const { id, url } = await intents.create(options, async () => ({
        ...intentValues(intent),
        "Intent ID": await intentIds.next(),
      }));
      return { id, url };
    },

    async createPipe(pipe: NewPipe, options: CreateOptions): Promise<PageRef> {
      const { id, url } = await pipes.create(options, () => ({
        ...contentValues(pipe.content),
        Approval_Status: "Pending",
        Intent: [pipe.intentId],
        Agent: pipe.adviserIds,
        Diff_Logged: false,
        Cost_USD: pipe.costUsd,
        AI_Raw_Output: JSON.stringify(pipe.raw ?? null),
      }));
      return { id, url };
    },

    async linkCard(pipeId: string, cardUrl: string): Promise<void> {
      await pipes.update(pipeId, { Slack_Message: cardUrl });
    },

    async readPipe(pipeId: string): Promise<PipeRow> {
      return pipeRow(await pipes.get(pipeId, PIPE_PROPERTIES));
    },

    async pipesEditedSince(since: string): Promise<PipeRow[]> {
      const filter = { timestamp: "last_edited_time", last_edited_time: { on_or_after: since } };
      return (await pipes.query({ where: () => filter, read: PIPE_PROPERTIES })).map(pipeRow);
    },

    async writePipe(pipeId: string, write: DecisionWrite): Promise<void> {
      await pipes.update(pipeId, decisionValues(write));
    },

    /** After further advisers were heard. */
    async writeAdvice(
      intentId: string,
      { disagreement, adviserIds }: Pick<NewIntent, "disagreement" | "adviserIds">,
    ): Promise<void> {
      await intents.update(intentId, {
        Conflict_Level: CONFLICT_NAMES[disagreement.level],
        Agent_Persona: adviserIds,
      });
    },

    async writeIntent(
      intentId: string,
      write: { status: DecisionWrite["status"]; sentence: string },
    ): Promise<void> {
      const status = INTENT_STATUS[write.status];
      await intents.update(intentId, {
        Decision_Made: write.sentence,
        ...(status !== null && { Status: status }),
      });
    },
  };
}

/** A superseded proposal leaves its intent where it is: the replacement is still being decided. */
const INTENT_STATUS: Record<DecisionWrite["status"], string | null> = {
  Approved: "Approved",
  Rejected: "Rejected",
  Expired: "Expired",
  Withdrawn: "Withdrawn",
  Pending: "Pending_Approval",
  Superseded: null,
};

function intentValues(intent: NewIntent): RowWrite<typeof executiveIntents> {
  return {
    Name: intent.title,
    Description: intent.description,
    Success_Criteria: intent.successCriteria,
    Status: "Pending_Approval",
    Risk_Level: intent.triage.risk,
    Projected_Impact: intent.triage.impact,
    Priority: priorityOf(intent.triage.impact),
    Conflict_Level: CONFLICT_NAMES[intent.disagreement.level],
    Created_Date: intent.createdOn,
    Due_Date: intent.dueOn,
    Agent_Persona: intent.adviserIds,
    Area: intent.areaId === null ? [] : [intent.areaId],
    Related_Nodes: intent.nodeIds,
    Source: [intent.itemId],
  };
}

function contentValues(content: PipeContent): RowWrite<typeof actionPipes> {
  const option = content.recommendedOption;
  return {
    Action_Title: content.title,
    Scenario_Options: content.scenarioOptions,
    Risk_Assessment: content.riskAssessment,
    Required_Resources: content.requiredResources,
    Task_Generation_Template: content.tasks,
    Recommended_Option: option === null ? null : [option, `Option ${option}`],
  };
}

function decisionValues({ status, outcome, content }: DecisionWrite): RowWrite<typeof actionPipes> {
  return {
    Approval_Status: status,
    ...(content !== null && contentValues(content)),
    ...(outcome !== null && {
      Approved_Date: outcome.at,
      Decided_By: deciderName(outcome),
      ...(outcome.reason !== null && { Decision_Reason: reasonOf(outcome, outcome.reason) }),
    }),
    ...(outcome === null && status === "Pending" && { Approved_Date: null, Decided_By: "" }),
    ...(status === "Pending" && { Diff_Logged: false }),
    ...(["Approved", "Rejected", "Expired", "Withdrawn"].includes(status) && { Diff_Logged: true }),
  };
}

/** Why, and what was unusual about it. */
function reasonOf({ breakGlass }: Outcome, reason: string): string {
  return breakGlass ? `Break-glass, approved by whoever asked for it: ${reason}` : reason;
}

const OWN_REQUEST = ", own request";
const BREAK_GLASS = ", own request by break-glass";
/** Older versions named the last of two who approved alone: the one before had asked for it. */
const AFTER_OWN = ", after whoever asked for it";
const AFTER_GLASS = ", after whoever asked for it by break-glass";

type Decider = Pick<Outcome, "by" | "selfApproved" | "breakGlass">;

/** "Ada Lovelace (U0123)"; where two approved, both, in the order of their votes. */
export function deciderName({ approvals = [], ...alone }: Decider & Pick<Outcome, "approvals">): string {
  const names = (approvals.length > 1 ? approvals : [alone]).map(
    ({ by, selfApproved, breakGlass }) =>
      `${nameWithId(by)}${breakGlass ? BREAK_GLASS : selfApproved ? OWN_REQUEST : ""}`,
  );
  return names.reduce((before, name) => `${before}${/\)$/.test(before) ? "" : ","} and ${name}`);
}

/** The same words back; `voters`: where they were several. */
export function deciderFrom(words: string): Decider & { voters?: Decider[] } {
  const voters = votersFrom(words);
  const last = voters.at(-1);
  if (last === undefined || voters.length < 2) return oneFrom(words);
  return {
    by: last.by,
    selfApproved: voters.some(({ selfApproved }) => selfApproved),
    ...(voters.some(({ breakGlass }) => breakGlass) && { breakGlass: true }),
    voters,
  };
}

const ID = "\\(([UW][A-Z0-9]+)\\)";
const VOTER = new RegExp(
  `(.+? ${ID}(?: for .+? ${ID})?(?:${BREAK_GLASS}|${OWN_REQUEST})?)(?:,? and |$)`,
  "sy",
);

/** Empty where they are not all known by their ids. */
function votersFrom(words: string): Decider[] {
  const voters: Decider[] = [];
  for (let place = 0; place < words.length; place = VOTER.lastIndex) {
    VOTER.lastIndex = place;
    const [, voter] = VOTER.exec(words) ?? [];
    if (voter === undefined) return [];
    voters.push(oneFrom(voter));
  }
  return voters;
}

function oneFrom(words: string): Decider {
  const glass = [BREAK_GLASS, AFTER_GLASS].find((how) => words.endsWith(how));
  if (glass !== undefined)
    return { by: personFrom(words.slice(0, -glass.length)), selfApproved: false, breakGlass: true };
  const own = [OWN_REQUEST, AFTER_OWN].find((how) => words.endsWith(how)) ?? "";
  return { by: personFrom(words.slice(0, words.length - own.length)), selfApproved: own !== "" };
}

function personFrom(words: string): Person {
  const [, deputy, deputyId, principal, principalId] =
    /^(.*?) \(([UW][A-Z0-9]+)\) for (.*) \(([UW][A-Z0-9]+)\)$/s.exec(words) ?? [];
  if (deputy !== undefined && deputyId !== undefined && principal !== undefined && principalId !== undefined)
    return { slackId: deputyId, name: deputy, for: { slackId: principalId, name: principal } };
  const [, name, slackId] = /^(.*) \(([UW][A-Z0-9]+)\)$/s.exec(words) ?? [];
  return { slackId: slackId ?? null, name: name ?? words };
}

function pipeRow(page: Page<Pick<Row<typeof actionPipes>, (typeof PIPE_PROPERTIES)[number]>>): PipeRow {
  const { row } = page;
  const reason = row.Decision_Reason.trim();
  return {
    id: page.id,
    inTrash: page.inTrash,
    status: row.Approval_Status ?? "",
    content: {
      title: row.Action_Title,
      recommendedOption: optionIdOf(row.Recommended_Option ?? ""),
      scenarioOptions: row.Scenario_Options,
      riskAssessment: row.Risk_Assessment,
      requiredResources: row.Required_Resources,
      tasks: row.Task_Generation_Template,
    },
    lastEditedAt: page.lastEditedAt,
    lastEditedBy: page.lastEditedBy,
    reason: reason === "" ? null : reason,
  };
}

/** "B", "Option B", "option b - hire later" → B. */
export function optionIdOf(name: string): OptionId | null {
  const letter = /^\s*(?:option\s*)?([A-D])(?![\p{L}\p{N}])/iu.exec(name)?.[1];
  const id = OptionIdSchema.safeParse(letter?.toUpperCase());
  return id.success ? id.data : null;
}

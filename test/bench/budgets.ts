/** The budget, one line each, in the order of the report. A line that no part measured is shown as not measured. */

export type BudgetId =
  | "callsDialectic"
  | "callsOneAdviser"
  | "callsOperational"
  | "callsReference"
  | "callsIdle"
  | "callsApprove"
  | "claudeDepth"
  | "wallTime"
  | "mixed"
  | "kill"
  | "unavailable"
  | "fiveApprovals"
  | "ack"
  | "hundredClicks"
  | "backlog"
  | "start"
  | "memory";

export interface Budget {
  id: BudgetId;
  what: string;
  budget: string;
  /** What nothing could undercut. */
  floor: string;
}

const CALLS = "Notion calls";

export const BUDGETS: readonly Budget[] = [
  {
    id: "callsDialectic",
    what: `${CALLS}: strategic with dialectic, item to card`,
    budget: "≤ 10",
    floor: "6 (claim, intent, pipe, finish, log, card link) + 1 for each new node",
  },
  {
    id: "callsOneAdviser",
    what: `${CALLS}: strategic, one adviser`,
    budget: "≤ 10",
    floor: "6 + 1 for each new node",
  },
  {
    id: "callsOperational",
    what: `${CALLS}: operational`,
    budget: "≤ 4",
    floor: "4 (claim, task, finish, log)",
  },
  {
    id: "callsReference",
    what: `${CALLS}: reference, 3 new concepts`,
    budget: "≤ 7",
    floor: "6 (claim, 3 nodes, finish, log), and a look whether somebody else made them",
  },
  {
    id: "callsIdle",
    what: `${CALLS}: idle poll, whatever the history`,
    budget: "≤ 2",
    floor: "2 (inbox, pipes edited since)",
  },
  {
    id: "callsApprove",
    what: `${CALLS}: approve with 3 tasks and a project`,
    budget: "≤ 9",
    floor: "9 (verify, pipe, intent, training, project, 3 tasks, log)",
  },
  {
    id: "claudeDepth",
    what: "Claude calls in a row, dialectic",
    budget: "≤ 4",
    floor: "4 (triage, frame, advise in parallel, synthesise)",
  },
  {
    id: "wallTime",
    what: "wall time, strategic with dialectic, Notion 250 ms, advice 8.2 s",
    budget: "≤ 1.15 × its critical path, < 20 s",
    floor: "the critical path",
  },
  {
    id: "mixed",
    what: "20 mixed items under Notion's real limit",
    budget: "20 complete, 0 doubled, 0 × 429",
    floor: "–",
  },
  {
    id: "kill",
    what: "one kill -9 at any Notion call of an item",
    budget: "always complete, once",
    floor: "–",
  },
  {
    id: "unavailable",
    what: "one 503 at any Notion call of an item",
    budget: "always complete, once",
    floor: "–",
  },
  { id: "fiveApprovals", what: "five approvals at once", budget: "1 training row", floor: "1" },
  {
    id: "ack",
    what: "ack of a click at 50 clicks/s",
    budget: "p99 < 250 ms (Slack's limit is 3 s)",
    floor: "–",
  },
  {
    id: "hundredClicks",
    what: "100 concurrent clicks on one card",
    budget: "1 decision, 99 notices",
    floor: "1, 99",
  },
  {
    id: "backlog",
    what: "1,000-item backlog",
    budget: "≥ 90 % of the allowed Notion rate used, never above it, no 429",
    floor: "100 %",
  },
  { id: "start", what: "start to ready", budget: "≤ 2 s on Postgres, ≤ 6 s embedded", floor: "–" },
  { id: "memory", what: "memory at rest", budget: "≤ 160 MB on Postgres, ≤ 450 MB embedded", floor: "–" },
];

/** One of everything the workflows hand to the Notion adapter. */
import type { Outcome } from "../../src/domain/decision.ts";
import { type Plan, planToContent } from "../../src/domain/plan.ts";
import type { LogEntry, NewIntent, NewPipe, NewTask, TrainingRow } from "../../src/workflows/ports.ts";

export const plan: Plan = {
  recommendedOption: "B",
  options: [
    { id: "A", title: "Go now", summary: "Two hires, one entity." },
    { id: "B", title: "Pilot with a partner", summary: "Three months." },
  ],
  riskAssessment: "Runway is the constraint.",
  resources: ["One engineer", "EUR 60,000"],
  tasks: ["Call the partner", "Draft the contract", "Name an owner"],
};

export const outcome: Outcome = {
  verdict: "edited",
  by: { slackId: "U0ADA", name: "Ada Lovelace" },
  at: "2026-11-21T09:30:00.000Z",
  reason: "Cheaper first step",
  final: plan,
  via: "slack",
  selfApproved: false,
};

export function intentFor(itemId: string, over: Partial<NewIntent> = {}): NewIntent {
  return {
    title: "Enter the German market?",
    description: "Two forwarders asked for a pilot.",
    successCriteria: "A signed pilot by spring.",
    triage: {
      kind: "strategic",
      title: "Enter the German market?",
      risk: "High",
      impact: 9,
      area: "Growth & Market",
      concepts: [],
      adviser: "The Quant",
      rationale: "Large and hard to undo.",
    },
    disagreement: { level: "Medium", score: 0.5, agree: [], dissent: [] },
    areaId: null,
    nodeIds: [],
    adviserIds: [],
    itemId,
    createdOn: "2026-11-21",
    dueOn: "2026-11-28",
    ...over,
  };
}

export function pipeFor(intentId: string, over: Partial<NewPipe> = {}): NewPipe {
  return {
    content: planToContent("Pilot with a partner", plan),
    raw: { advice: ["as given"] },
    intentId,
    adviserIds: [],
    costUsd: 0.42,
    ...over,
  };
}

export function trainingFor(intentId: string, over: Partial<TrainingRow> = {}): TrainingRow {
  return {
    title: "Enter the German market?",
    intentId,
    at: "2026-11-21T09:30:00.000Z",
    adviser: "The Quant",
    acceptanceRate: 0.875,
    modifications: [{ path: "tasks.2", kind: "value" }],
    original: plan,
    final: plan,
    outcome,
    model: "claude-sonnet-5-5",
    ...over,
  };
}

export function logFor(intentId: string | null, pipeId: string | null = null): LogEntry {
  return {
    title: "Approved: Enter the German market?",
    action: "Ada Lovelace approved option B.",
    at: "2026-11-21T09:30:00.000Z",
    actor: "Ada Lovelace",
    intentId,
    pipeId,
  };
}

export function taskFor(over: Partial<NewTask> = {}): NewTask {
  return {
    title: "Call the partner",
    context: "From the decision on Germany.",
    intentId: null,
    itemId: null,
    areaId: null,
    projectId: null,
    ...over,
  };
}

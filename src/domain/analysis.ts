/** What triage, framing, the advisers and the synthesis say about an inbox item. Pure types and rules. */
import type { Option, OptionId, Plan } from "./plan.ts";

export type ItemKind = "strategic" | "operational" | "reference";
export type RiskLevel = "Low" | "Medium" | "High";
export const NODE_TYPES = ["Entity_Person", "Entity_Company", "Knowledge_Asset", "System_Component"] as const;
export type NodeType = (typeof NODE_TYPES)[number];

export interface Concept {
  name: string;
  type: NodeType;
}

export interface Triage {
  kind: ItemKind;
  title: string;
  risk: RiskLevel;
  /** 1 to 10. */
  impact: number;
  /** Name of one of the workspace's areas, or null. */
  area: string | null;
  concepts: Concept[];
  /** Name of the adviser best placed to judge it. */
  adviser: string;
  rationale: string;
}

export interface Frame {
  /** The decision as one question. */
  question: string;
  successCriteria: string;
  /** 2 to 4, ids A to D in order. */
  options: Option[];
}

export interface OptionScore {
  option: OptionId;
  /** 1 (safe) to 5 (dangerous). */
  risk: number;
  /** 1 to 10. */
  impact: number;
  verdict: string;
  pros: string[];
  cons: string[];
}

export interface Advice {
  adviser: string;
  recommends: OptionId;
  rationale: string;
  scores: OptionScore[];
  /** Reason why the adviser would block its least acceptable option, or null. */
  veto: { option: OptionId; reason: string } | null;
}

export interface MissingAdvice {
  adviser: string;
  reason: string;
}

export interface Synthesis {
  recommendedOption: OptionId;
  rationale: string;
  conflictPoints: string[];
  riskAssessment: string;
  requiredResources: string[];
  tasks: string[];
}

export interface Adviser {
  name: string;
  systemPrompt: string;
  /** Agent Registry page that overrides the built-in adviser, or null. */
  pageId: string | null;
}

/** One request to Claude, as billed. */
export interface CallUsage {
  step: string;
  model: string;
  /** All prompt tokens, cached ones included. */
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
  durationMs: number;
}

export type DisagreementLevel = "None" | "Low" | "Medium" | "High";

export interface Disagreement {
  level: DisagreementLevel;
  /** 0 (same judgement) to 1 (opposite). */
  score: number;
  /** Advisers who recommend the synthesised option. */
  agree: string[];
  /** Advisers who recommend another option, and which. */
  dissent: { adviser: string; recommends: OptionId }[];
}

/** A question with its answer, as the advisers read it. */
export interface Answered {
  question: string;
  askedBy: string;
  answer: string;
  answeredBy: string;
}

/** Everything the card and the modals need; stored whole, so a card can be drawn without asking Notion. */
export interface Analysis {
  triage: Triage;
  frame: Frame;
  advice: Advice[];
  missing: MissingAdvice[];
  synthesis: Synthesis;
  disagreement: Disagreement;
  calls: CallUsage[];
  costUsd: number;
  /** What they knew besides the item: what had been asked and answered when they were heard again. */
  answered?: Answered[];
}

/** All three advisers speak when much is at stake; otherwise the assigned one. */
export function needsDialectic(triage: Pick<Triage, "impact" | "risk">): boolean {
  return triage.impact >= 8 || triage.risk === "High";
}

/** Only one was asked; one who is left of three is not that case. */
export function hadOneAdviser({
  triage,
  advice,
  missing,
}: Pick<Analysis, "triage" | "advice" | "missing">): boolean {
  return advice.length === 1 && missing.length === 0 && !needsDialectic(triage);
}

export type Priority = "P0" | "P1" | "P2";

export function priorityOf(impact: number): Priority {
  if (impact >= 8) return "P0";
  return impact >= 6 ? "P1" : "P2";
}

/** Days until a decision of this priority is due. */
export const DUE_DAYS: Record<Priority, number> = { P0: 7, P1: 14, P2: 30 };

export function planOf(frame: Frame, synthesis: Synthesis): Plan {
  return {
    recommendedOption: synthesis.recommendedOption,
    options: frame.options,
    riskAssessment: synthesis.riskAssessment,
    resources: synthesis.requiredResources,
    tasks: synthesis.tasks,
  };
}

/** The file that `emm export` and `/emm export` hand out: one JSON object per line, and what is said beside it. Pure. */
import { type PromptFor, type TrainingCase, type TrainingSet, trainingSet } from "./training-examples.ts";

export const EXAMPLE_TYPES = ["supervised", "preference"] as const;
export type ExampleType = (typeof EXAMPLE_TYPES)[number];

export interface TrainingCounts {
  /** Rows of Training Data that were looked at. */
  rows: number;
  supervised: number;
  preference: number;
  /** Most frequent first. */
  leftOut: TrainingSet["leftOut"];
}

export interface TrainingFile {
  examples: TrainingSet["examples"];
  /** JSONL; "" when there is no example. */
  text: string;
  counts: TrainingCounts;
}

/** `only` null = both kinds. */
export function trainingFile(
  cases: readonly TrainingCase[],
  { only, promptFor }: { only: ExampleType | null; promptFor: PromptFor },
): TrainingFile {
  const { examples: all, leftOut } = trainingSet(cases, promptFor);
  const examples = all.filter(({ type }) => only === null || type === only);
  const countOf = (type: ExampleType) => examples.filter((example) => example.type === type).length;
  return {
    examples,
    text: examples.map((example) => `${JSON.stringify(example)}\n`).join(""),
    counts: {
      rows: cases.length,
      supervised: countOf("supervised"),
      preference: countOf("preference"),
      leftOut,
    },
  };
}

/** "4 rows of Training Data: 2 supervised examples, 1 preference pair". */
export function countsSentence({ rows, supervised, preference }: TrainingCounts): string {
  return `${counted(rows, "row")} of Training Data: ${counted(supervised, "supervised example")}, ${counted(preference, "preference pair")}`;
}

export function leftOutCount({ leftOut }: TrainingCounts): number {
  return leftOut.reduce((sum, { count }) => sum + count, 0);
}

/** `day` as YYYY-MM-DD. */
export function trainingFileName(day: string, only: ExampleType | null): string {
  return `training-data-${day}${only === null ? "" : `-${only}`}.jsonl`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

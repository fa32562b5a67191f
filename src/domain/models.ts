/**
 * Life cycle of Claude models, as of the vendor's model-deprecations page of August 2026 and its SDK 1.11.
 * Pure: the configuration refuses a retired model with it, and the Claude adapter warns about a deprecated one.
 */

export type ModelStage = "active" | "deprecated" | "retired";

export interface ModelLifecycle {
  id: string;
  stage: ModelStage;
  /** YYYY-MM-DD: when it was, or will be, retired; null while no date is announced. */
  retiresOn: string | null;
  /** What to configure instead; null while active. */
  replacement: string | null;
}

const HAIKU = "claude-haiku-5-5";
const SONNET = "claude-sonnet-5-5";
const OPUS = "claude-opus-5-5";

const RETIRED: readonly { on: string; replacement: string; ids: readonly string[] }[] = [
  {
    on: "2024-11-06",
    replacement: SONNET,
    ids: ["claude-1.0", "claude-1.1", "claude-1.2", "claude-1.3"],
  },
  {
    on: "2024-11-06",
    replacement: HAIKU,
    ids: ["claude-instant-1.0", "claude-instant-1.1", "claude-instant-1.2"],
  },
  {
    on: "2025-07-21",
    replacement: SONNET,
    ids: ["claude-2.0", "claude-2.1", "claude-3-sonnet-20240229"],
  },
  {
    on: "2025-10-28",
    replacement: SONNET,
    ids: ["claude-3-5-sonnet-20241022", "claude-3-5-sonnet-20240620", "claude-3-5-sonnet-latest"],
  },
  { on: "2026-01-05", replacement: OPUS, ids: ["claude-3-opus-20240229", "claude-3-opus-latest"] },
  {
    on: "2026-02-19",
    replacement: SONNET,
    ids: ["claude-3-7-sonnet-20250219", "claude-3-7-sonnet-latest"],
  },
  {
    on: "2026-02-19",
    replacement: HAIKU,
    ids: ["claude-3-5-haiku-20241022", "claude-3-5-haiku-latest"],
  },
  { on: "2026-04-20", replacement: HAIKU, ids: ["claude-3-haiku-20240307"] },
  { on: "2026-06-15", replacement: SONNET, ids: ["claude-sonnet-4-20250514", "claude-sonnet-4-0"] },
  { on: "2026-06-15", replacement: OPUS, ids: ["claude-opus-4-20250514", "claude-opus-4-0"] },
  { on: "2026-08-05", replacement: OPUS, ids: ["claude-opus-4-1-20250805", "claude-opus-4-1"] },
];

const DEPRECATED: readonly { on: string; replacement: string; ids: readonly string[] }[] = [
  {
    on: "2026-11-30",
    replacement: SONNET,
    ids: ["claude-sonnet-4-5", "claude-sonnet-4-5-20250929"],
  },
];

const ACTIVE: readonly string[] = [
  HAIKU,
  SONNET,
  OPUS,
  "claude-fable-5-2",
  "claude-fable-5-1",
  "claude-fable-5",
  "claude-mythos-5-2",
  "claude-mythos-5-1",
  "claude-mythos-5",
  "claude-mythos-preview",
  "claude-opus-5",
  "claude-opus-4-8",
  "claude-opus-4-7",
  "claude-opus-4-6",
  "claude-opus-4-5",
  "claude-opus-4-5-20251101",
  "claude-sonnet-5",
  "claude-sonnet-4-6",
  "claude-haiku-4-5",
  "claude-haiku-4-5-20251001",
];

export const MODELS: readonly ModelLifecycle[] = [
  ...rows("retired", RETIRED),
  ...rows("deprecated", DEPRECATED),
  ...ACTIVE.map((id) => ({ id, stage: "active" as const, retiresOn: null, replacement: null })),
];

function rows(stage: ModelStage, groups: typeof RETIRED): ModelLifecycle[] {
  return groups.flatMap(({ on, replacement, ids }) =>
    ids.map((id) => ({ id, stage, retiresOn: on, replacement })),
  );
}

/** null for a model this version has not heard of: it may be newer than the bot. */
export function modelLifecycle(model: string): ModelLifecycle | null {
  const id = model.trim().toLowerCase();
  return MODELS.find((known) => known.id === id) ?? null;
}

/** Why this model cannot be used, with its replacement; null when nothing is known against it. */
export function modelProblem(model: string): string | null {
  const known = modelLifecycle(model);
  if (known?.stage !== "retired") return null;
  return `${known.id} was retired on ${known.retiresOn}; use ${known.replacement} instead.`;
}

/** What to plan for although the model still answers; null when there is nothing. */
export function modelWarning(model: string): string | null {
  const known = modelLifecycle(model);
  if (known?.stage !== "deprecated") return null;
  return `${known.id} is deprecated and retires on ${known.retiresOn}; move to ${known.replacement}.`;
}

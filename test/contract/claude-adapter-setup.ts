/** The Claude adapter on the stand-in, with a ledger in memory and a full set of questions to ask. */
import type { ObservedCall } from "../../src/agents/claude.ts";
import { createCounsel } from "../../src/agents/counsel.ts";
import type { Adviser, CallUsage, Frame, Triage } from "../../src/domain/analysis.ts";
import type { InboxItem } from "../../src/domain/item.ts";
import { createLog } from "../../src/log.ts";
import { createClaudeStandIn } from "../../src/sandbox/anthropic/server.ts";
import type { ClaudeStandIn } from "../../src/sandbox/stand-ins.ts";

const KEY = "sk-ant-test";
export let claude: ClaudeStandIn;
export const ledger = new Map<string, { estimate: number; end: CallUsage | "released" | null }>();
export const observed: ObservedCall[] = [];
export const logged: string[] = [];
export const budget = { left: true };

/** For beforeAll. */
export async function openClaude(): Promise<void> {
  claude = await createClaudeStandIn({ apiKey: KEY });
}

/** For afterAll. */
export async function closeClaude(): Promise<void> {
  await claude.close();
}

/** For beforeEach. */
export function startAfresh(): void {
  claude.faults.clear();
  claude.requests.length = 0;
  claude.calls.length = 0;
  ledger.clear();
  observed.length = 0;
  logged.length = 0;
  budget.left = true;
}

export function counsel(changes: Partial<Parameters<typeof createCounsel>[0]> = {}) {
  return createCounsel({
    apiKey: KEY,
    baseUrl: claude.url,
    model: "claude-sonnet-5-5",
    triageModel: "claude-haiku-5-5",
    log: createLog({ level: "DEBUG", json: true, destination: { write: (line) => void logged.push(line) } }),
    observe: (call) => void observed.push(call),
    spend: {
      reserve: async (key, call) => {
        if (budget.left) ledger.set(key, { estimate: call.estimateUsd, end: null });
        return budget.left;
      },
      settle: async (key, usage) => {
        ledger.set(key, { estimate: ledger.get(key)?.estimate ?? Number.NaN, end: usage });
      },
      release: async (key) => {
        ledger.set(key, { estimate: ledger.get(key)?.estimate ?? Number.NaN, end: "released" });
      },
    },
    ...changes,
  });
}

export const item: InboxItem = {
  id: "item-1",
  url: "https://notion.so/item-1",
  title: "Should we enter Germany next year?",
  content: "Two German customers asked. €120,000 for the first year.",
  source: "Slack",
  requestedBy: "U1",
  createdAt: "2026-11-20T10:00:00.000Z",
};
export const triaged: Triage = {
  kind: "strategic",
  title: "Entering Germany",
  risk: "Medium",
  impact: 8,
  area: null,
  concepts: [],
  adviser: "The Quant",
  rationale: "A real choice.",
};
const framed: Frame = {
  question: "Should we enter Germany?",
  successCriteria: "Five customers.",
  options: [
    { id: "A", title: "Enter Germany now", summary: "All in." },
    { id: "B", title: "Pilot with two customers first", summary: "Try it." },
    { id: "C", title: "Hold for a year", summary: "Wait." },
  ],
};
const quant: Adviser = { name: "The Quant", systemPrompt: "", pageId: null };
export const triageAsk = {
  key: "t",
  item,
  areas: ["Growth", "Finance"],
  advisers: ["The Quant", "The Auditor"],
};
export const adviseAsk = { key: "a", item, adviser: quant, triage: triaged, frame: framed };

/**
 * What each Claude model accepts in a request. Sending `effort` or a kind of `thinking` a model lacks is a 400, so
 * an unknown model gets neither and more room to think. Life cycles are in the domain, prices in prices.ts.
 */
import type { OutputConfig, ThinkingConfigParam } from "@anthropic-ai/sdk/resources/messages";

export type Effort = "low" | "medium";

interface Capabilities {
  effort: boolean;
  /** What turns thinking off; null where it is off unless asked for, or cannot be turned off. */
  thinkingOff: ThinkingConfigParam | null;
  /** True when thinking tokens may eat into max_tokens whatever we ask. */
  mayThink: boolean;
}

const OFF: ThinkingConfigParam = { type: "disabled" };

const CAPABILITIES: Record<string, Capabilities> = {
  "claude-haiku-5-5": { effort: true, thinkingOff: OFF, mayThink: false },
  // Sonnet 5.5 answers "disabled" with a 400 that names between_tools; without tools that is no thinking at all.
  "claude-sonnet-5-5": { effort: true, thinkingOff: { type: "between_tools" }, mayThink: false },
  "claude-sonnet-5": { effort: true, thinkingOff: OFF, mayThink: false },
  "claude-opus-5": { effort: true, thinkingOff: OFF, mayThink: false },
  "claude-opus-5-5": { effort: true, thinkingOff: null, mayThink: true },
  "claude-fable-5-2": { effort: true, thinkingOff: null, mayThink: true },
  "claude-fable-5-1": { effort: true, thinkingOff: null, mayThink: true },
  "claude-fable-5": { effort: true, thinkingOff: null, mayThink: true },
  "claude-opus-4-8": { effort: true, thinkingOff: null, mayThink: false },
  "claude-opus-4-7": { effort: true, thinkingOff: null, mayThink: false },
  "claude-opus-4-6": { effort: true, thinkingOff: null, mayThink: false },
  "claude-sonnet-4-6": { effort: true, thinkingOff: null, mayThink: false },
  "claude-opus-4-5": { effort: true, thinkingOff: null, mayThink: false },
  // Generation 4.5 below Opus: `effort` is an error, thinking is off unless a budget is given.
  "claude-sonnet-4-5": { effort: false, thinkingOff: null, mayThink: false },
  "claude-haiku-4-5": { effort: false, thinkingOff: null, mayThink: false },
};

const UNKNOWN: Capabilities = { effort: false, thinkingOff: null, mayThink: true };

/** Thinking counts against max_tokens; an answer cut short is worthless. */
const THINKING_ROOM_TOKENS = 12_000;

export interface ModelSettings {
  effort: Pick<OutputConfig, "effort">;
  thinking: { thinking?: ThinkingConfigParam };
  maxTokens: number;
}

export function settingsFor(model: string, want: { effort: Effort; answerTokens: number }): ModelSettings {
  const can = CAPABILITIES[model.replace(/-\d{8}$/, "")] ?? UNKNOWN;
  return {
    effort: can.effort ? { effort: want.effort } : {},
    thinking: can.thinkingOff ? { thinking: can.thinkingOff } : {},
    maxTokens: want.answerTokens + (can.mayThink ? THINKING_ROOM_TOKENS : 0),
  };
}

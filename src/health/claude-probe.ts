/**
 * Whether Claude can be asked: the models are there, and the last question was answered. A vendor that lists its models
 * and answers nothing is not well.
 */
import { ageMs, instants } from "../domain/age.ts";
import type { Finding } from "./monitor.ts";

export interface Questions {
  /** Every question, as it ended; `outcome` is ok or an error code. */
  heard(question: { outcome: string }): void;
  /** The code that the last question failed with; null when it was answered, or long ago. */
  failing(): string | null;
}

/** What the vendor or the key is to blame for; a refused or badly answered question is about the question. */
const VENDOR_FAILURES = new Set(["claude_unavailable", "claude_unauthorized", "claude_invalid"]);
/** Without another question nobody knows whether it would still fail. */
const COUNTS_FOR_MS = 10 * 60_000;

export function createQuestions(now: () => Date): Questions {
  const present = instants(now);
  let last: { code: string; at: ReturnType<typeof present> } | null = null;
  return {
    heard({ outcome }) {
      last = VENDOR_FAILURES.has(outcome) ? { code: outcome, at: present() } : null;
    },
    failing: () => (last !== null && ageMs(last.at, present()) < COUNTS_FOR_MS ? last.code : null),
  };
}

export interface ClaudeProbeDeps {
  counsel: { checkModels(): Promise<({ model: string } & Finding)[]> };
  questions: Pick<Questions, "failing">;
}

const WHY: Record<string, string> = {
  claude_unavailable: "the last question was not answered (overloaded, or out of reach); it is asked again",
  claude_unauthorized: "the last question was refused for the key or its credit; check ANTHROPIC_API_KEY",
  claude_invalid: "the last question was refused as invalid; the log has the request",
};

export async function checkClaude({ counsel, questions }: ClaudeProbeDeps): Promise<Finding> {
  const checks = await counsel.checkModels();
  const bad = checks.filter((check) => check.status !== "ok");
  if (bad.length > 0) {
    const worst = bad.some((check) => check.status === "down") ? "down" : "degraded";
    return { status: worst, detail: bad.map((check) => check.detail).join("; ") };
  }
  const failing = questions.failing();
  if (failing !== null) return { status: "degraded", detail: WHY[failing] ?? failing };
  return { status: "ok", detail: `the models ${checks.map(({ model }) => model).join(", ")} are there` };
}

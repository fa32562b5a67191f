/** What a look at the set-up found, whoever asked for it: the command line, or the running bot about itself. */
import { isAppError, toFailure } from "../errors.ts";

export type Mark = "ok" | "added" | "warning" | "problem" | "skipped";

export interface Finding {
  /** Part of the set-up: "Slack", "Notion". */
  area: string;
  /** What was looked at: a variable, a database, a path. */
  subject: string;
  mark: Mark;
  detail: string;
  /** What to do; null when there is nothing to do. */
  fix: string | null;
}

/** What did not work, in a person's words where there are some. */
export function reasonFor(error: unknown): string {
  const { message } = toFailure(error);
  const own = isAppError(error) ? error.userMessage : undefined;
  return own ?? message;
}

/** For a warning about settings, which says itself what is odd about them. */
export const SETTINGS_FIX =
  "change the variable it names, then restart; docs/configuration.md says what each one means";

/** The findings of one area. */
export function findingsOf(area: string) {
  const found =
    (mark: Mark) =>
    (subject: string, detail: string, fix: string | null = null): Finding => ({
      area,
      subject,
      mark,
      detail,
      fix,
    });
  return {
    ok: found("ok"),
    added: found("added"),
    warning: found("warning"),
    problem: found("problem"),
    skipped: found("skipped"),
  };
}

export function hasProblem(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.mark === "problem");
}

/** "12 fine, 1 added, 2 warnings, 1 problem". */
export function countsOf(findings: readonly Finding[]): Record<Mark, number> {
  const counts = { ok: 0, added: 0, warning: 0, problem: 0, skipped: 0 };
  for (const { mark } of findings) counts[mark] += 1;
  return counts;
}

/** What a check found, as a table for people or as JSON, and whether that is a reason to fail. */
import { isAppError, toFailure } from "../errors.ts";
import type { Terminal } from "./terminal.ts";

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

const SIGN = { ok: "✓", added: "+", warning: "!", problem: "✗", skipped: "–" } as const;
const STYLE = { ok: "green", added: "cyan", warning: "yellow", problem: "red", skipped: "dim" } as const;

/** What did not work, in a person's words where there are some. */
export function reasonFor(error: unknown): string {
  const { message } = toFailure(error);
  const own = isAppError(error) ? error.userMessage : undefined;
  return own ?? message;
}

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

export function printFindings(terminal: Terminal, findings: readonly Finding[]): void {
  const width = Math.max(0, ...findings.map(({ subject }) => subject.length));
  let area = "";
  for (const finding of findings) {
    if (finding.area !== area) {
      area = finding.area;
      terminal.out(`\n${terminal.style("bold", area)}`);
    }
    const sign = terminal.style(STYLE[finding.mark], SIGN[finding.mark]);
    terminal.out(`  ${sign} ${finding.subject.padEnd(width)}  ${finding.detail}`);
    if (finding.fix !== null) {
      terminal.out(`    ${" ".repeat(width)}  ${terminal.style("cyan", `→ ${finding.fix}`)}`);
    }
  }
  terminal.out(`\n${summary(terminal, findings)}`);
}

function summary(terminal: Terminal, findings: readonly Finding[]): string {
  const { ok, added, warning, problem, skipped } = countsOf(findings);
  const parts = [
    terminal.style("green", `${ok} fine`),
    ...(added > 0 ? [terminal.style("cyan", `${added} added`)] : []),
    ...(warning > 0 ? [terminal.style("yellow", counted(warning, "warning"))] : []),
    ...(problem > 0 ? [terminal.style("red", counted(problem, "problem"))] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return parts.join(", ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

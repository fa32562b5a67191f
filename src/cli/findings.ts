/** Findings as a table for people. */
import { countsOf, type Finding } from "../checks/finding.ts";
import type { Terminal } from "./terminal.ts";

const SIGN = { ok: "✓", added: "+", warning: "!", problem: "✗", skipped: "–" } as const;
const STYLE = { ok: "green", added: "cyan", warning: "yellow", problem: "red", skipped: "dim" } as const;

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

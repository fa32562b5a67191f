/** Health in words: never colour alone. */
import type { CheckStatus, HealthReport, PollReport } from "../../domain/health.ts";
import { inertLine } from "../limits.ts";

const OVERALL: Record<HealthReport["status"], string> = {
  healthy: "Healthy: everything I depend on works.",
  degraded: "Degraded: I work, but something needs attention.",
  unhealthy: "Unhealthy: something I cannot do without is down.",
};

const MARK: Record<CheckStatus, string> = {
  ok: "OK",
  degraded: "Needs attention",
  down: "Down",
  unknown: "Not known",
};

export function healthText(report: HealthReport): string {
  const shown = [...report.checks].sort((a, b) => rank(a.status) - rank(b.status)).slice(0, 20);
  const more = report.checks.length - shown.length;
  return [
    `*${OVERALL[report.status]}*`,
    ...shown.map(
      (check) => `• ${MARK[check.status]}: ${inertLine(check.name, 40)}. ${inertLine(check.detail, 240)}`,
    ),
    ...(more > 0 ? [`… and ${more} more checks`] : []),
  ].join("\n");
}

function rank(status: CheckStatus): number {
  return ["down", "unknown", "degraded", "ok"].indexOf(status);
}

/** One line for the Home tab. */
export function healthLine(report: HealthReport): string {
  const bad = report.checks.filter((check) => check.status !== "ok");
  if (bad.length === 0) return OVERALL[report.status];
  const names = bad
    .slice(0, 4)
    .map((check) => `${inertLine(check.name, 40)} (${MARK[check.status].toLowerCase()})`);
  return `${OVERALL[report.status]} ${names.join(", ")}. \`/emm health\` tells more.`;
}

export function pollText(report: PollReport): string {
  if (report.found === 0 && report.swept === 0) return "Nothing waits in the inbox.";
  const lines = [`Found ${report.found}, started ${report.started}.`];
  for (const { count, reason } of report.waiting.slice(0, 10)) {
    lines.push(`• ${count} not started: ${inertLine(reason, 200)}`);
  }
  if (report.swept > 0) lines.push(`${report.swept} taken over from changes made in Notion.`);
  return lines.join("\n");
}

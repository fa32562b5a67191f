/** What is said about an export of Training Data. Inert mrkdwn. */
import {
  countsSentence,
  EXAMPLE_TYPES,
  leftOutCount,
  type TrainingCounts,
} from "../../domain/training-file.ts";
import type { ErrorCode, Failure } from "../../errors.ts";
import { COMMAND } from "../ids.ts";
import { inertLine, sentence } from "../limits.ts";

/** Kinds of reasons are few, but rows are written by people too. */
const REASONS_SHOWN = 12;

export const EXPORT_USAGE = `\`${COMMAND} export\` takes nothing after it, or one of ${EXAMPLE_TYPES.map((type) => `\`${type}\``).join(" and ")}.`;

export const EXPORT_STARTED =
  "I am reading Training Data. The file comes to you as a direct message, which nobody else sees; a long history takes some minutes.";

export const NO_DM =
  "I cannot write to you directly, so there is nowhere to put the file. Whoever runs this bot can switch the Messages tab on in the settings of the Slack app.";

export function exportComment(counts: TrainingCounts): string {
  return [
    `${countsSentence(counts)}.`,
    ...leftOutLines(counts),
    "The file holds what your team decided and why: keep it as carefully as the Notion workspace.",
  ].join("\n");
}

export function nothingToExport(counts: TrainingCounts): string {
  if (counts.rows === 0)
    return "Training Data is empty: a row appears with each decision, so there is no file yet.";
  const lines = [`${countsSentence(counts)}, so there is no file.`, ...leftOutLines(counts)];
  return lines.join("\n");
}

export const EXPORT_UNCONFIRMED = `Slack did not tell me whether it posted your training data. If there is no file above, type \`${COMMAND} export\` again.`;

export function exportFailed(failure: Failure): string {
  return `The export of Training Data did not work: ${whyFailed(failure, "export")}`;
}

const REASONS: Partial<Record<ErrorCode, string>> = {
  slack_unauthorized:
    "I lack the Slack permission `files:write`. Whoever runs this bot has to update the Slack app from `manifest.yml` and reinstall it.",
  slack_unavailable: "Slack did not take the file.",
  notion_unauthorized:
    "Notion refuses my key. Whoever runs this bot has to check `NOTION_API_KEY` and what is shared with its connection.",
  notion_not_found: "Notion no longer shows me one of the databases. `/emm health` says which.",
  notion_rate_limited: "Notion takes no more requests for now.",
  notion_unavailable: "Notion does not answer at the moment.",
};

/** The cause and what to do about it, where that is known; else as it was told. */
export function causeOf({ code, message }: Pick<Failure, "code" | "message">): string {
  return REASONS[code] ?? sentence(inertLine(message, 400));
}

/** Of a file that could not be brought. */
export function whyFailed(failure: Failure, command: string): string {
  const { retryable } = failure;
  const what = causeOf(failure);
  return retryable ? `${what} Please type \`${COMMAND} ${command}\` again in a few minutes.` : what;
}

function leftOutLines(counts: TrainingCounts): string[] {
  if (counts.leftOut.length === 0) return [];
  const shown = counts.leftOut.slice(0, REASONS_SHOWN);
  const more = counts.leftOut.length - shown.length;
  return [
    `Left out: ${leftOutCount(counts)}`,
    ...shown.map(({ reason, count }) => `• ${count} × ${inertLine(reason, 200)}`),
    ...(more > 0 ? [`• and ${more} other reasons`] : []),
  ];
}

/** The card of a maintenance, and what is answered about it. Pure. */
import { durationWords } from "../../domain/duration.ts";
import { isInForce, lastedMs, type Maintenance } from "../../domain/maintenance.ts";
import { inertLine, moment } from "../limits.ts";
import { context, header, type Message, section } from "./blocks.ts";
import { nameOf } from "./decision-parts.ts";

const MEANWHILE =
  "Meanwhile polls wait and alerts are held; the HTTP side answers 503. Cards can still be decided.";
const USAGE = "`/emm maintenance 30m <reason>`";
const REASON = 400;

/** Draws the state in the row, not the time: whoever changes the row has it drawn again. */
export function maintenanceCard(maintenance: Maintenance): Message {
  const { id, rev, ended, reason, by, startedAt, endsAt } = maintenance;
  const block = (part: string) => `maintenance_${id}_${rev}_${part}`;
  const why = `Reason: ${inertLine(reason, REASON)}`;
  if (ended !== null) {
    const over = `${endSentence(maintenance)} It had lasted ${durationWords(lastedMs(maintenance))}.`;
    return {
      text: `Maintenance is over. ${over}`,
      blocks: [
        header(block("title"), "Maintenance is over"),
        section(block("state"), `${over}\n${why}`),
        context(block("who"), `Begun by ${nameOf(by)}, ${moment(startedAt)}`),
      ],
    };
  }
  return {
    text: `Maintenance until ${moment(endsAt)}: ${inertLine(reason, REASON)}`,
    blocks: [
      header(block("title"), "Maintenance"),
      section(block("state"), `*Until ${moment(endsAt)}*, by ${nameOf(by)}\n${why}`),
      section(block("meanwhile"), MEANWHILE),
      context(block("how"), "It ends by itself. `/emm maintenance off` ends it now."),
    ],
  };
}

function endSentence({ ended }: Maintenance): string {
  if (ended === null) return "";
  const who = ended.by === null ? "It ended by itself" : `${nameOf(ended.by)} ended it`;
  return `${who}, ${moment(ended.at)}.`;
}

/** One line while it is in force; null otherwise. */
export function maintenanceLine(maintenance: Maintenance | null): string | null {
  if (maintenance === null) return null;
  const { endsAt, by, reason } = maintenance;
  return `🔧 Maintenance until ${moment(endsAt)}, by ${nameOf(by)}: ${inertLine(reason, REASON)}`;
}

export function maintenanceStatus(latest: Maintenance | null, now: Date): string {
  if (latest === null) return `There is no maintenance, and there was none yet. ${USAGE} begins one.`;
  if (isInForce(latest, now)) {
    return `${maintenanceLine(latest)}\n${MEANWHILE}\n\`/emm maintenance off\` ends it; ${USAGE} gives it another end.`;
  }
  const ended = latest.ended?.at ?? latest.endsAt;
  const lasted = durationWords(lastedMs(latest));
  return `There is no maintenance. The last one ended ${moment(ended)} after ${lasted} (${inertLine(latest.reason, REASON)}). ${USAGE} begins one.`;
}

export function maintenanceBegun({
  maintenance,
  isNew,
}: {
  maintenance: Maintenance;
  isNew: boolean;
}): string {
  const until = moment(maintenance.endsAt);
  const first = isNew
    ? `Maintenance has begun, until ${until}.`
    : `The maintenance now goes on until ${until}.`;
  return `${first} ${MEANWHILE}\nIt ends by itself. \`/emm maintenance off\` ends it now.`;
}

export function maintenanceEnded(ended: Maintenance | null): string {
  if (ended === null) return `There is no maintenance to end. ${USAGE} begins one.`;
  return `Maintenance is over; it lasted ${durationWords(lastedMs(ended))}. Polls go on with the next tick.`;
}

export function maintenanceProblem(problem: string): string {
  return `I cannot do that: ${inertLine(problem, 200)}. For example ${USAGE}; \`/emm maintenance\` shows whether there is one, \`/emm maintenance off\` ends it.`;
}

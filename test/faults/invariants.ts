/** What must hold when a round is over and everything has healed. Pure: a flaw for each thing that does not. */
import { decides, isStrategic, MAY_DECIDE, type PlannedItem } from "./schedule.ts";
import type { CardSeen, Deed, PipeSeen, Snapshot } from "./snapshot.ts";

const FINAL_STATUS = {
  dialectic: "Triaged_to_Intent",
  ordinary: "Triaged_to_Intent",
  task: "Triaged_to_Task",
  reference: "Triaged_to_Node",
} as const;

export interface Flaw {
  /** The same for all flaws of this kind, whatever they are about. */
  rule: string;
  words: string;
}

/** The rule is what is left of the sentence without what it is about. */
function flaw(parts: TemplateStringsArray, ...about: unknown[]): Flaw {
  return { rule: parts.join("…"), words: String.raw({ raw: parts }, ...about) };
}

/** In words; [] = all is well. */
export function brokenRules(snapshot: Snapshot): string[] {
  return flawsOf(snapshot).map(({ words }) => words);
}

export function flawsOf(snapshot: Snapshot): Flaw[] {
  return [
    ...snapshot.schedule.items.flatMap((item) => itemFlaws(snapshot, item)),
    ...snapshot.seen.pipes.flatMap((pipe) => pipeFlaws(snapshot, pipe)),
    ...strays(snapshot),
    ...repeated(snapshot.seen.nodes.map((name) => name.toLowerCase())).map(
      (name) => flaw`node "${name}" twice`,
    ),
    ...repeated(snapshot.seen.posts).map((key) => flaw`posted twice: ${key}`),
    ...snapshot.seen.deadLetters.map((text) => flaw`a dead letter: ${text}`),
    ...keptFlaws(snapshot),
    ...behaviourFlaws(snapshot),
  ];
}

function count(what: Flaw, must: number, are: number): Flaw[] {
  if (are === must) return [];
  const rule = `${what.rule}: too ${are > must ? "many" : "few"}`;
  return [{ rule, words: `${what.words}: ${are} instead of ${must}` }];
}

/** What there is too much of stays: nothing of it is ever taken back. A replaced pipe is, for a moment, one too many. */
export function isBeyondHealing(flaw: string): boolean {
  if (/^(posted twice|node ".*" twice|a stray|nobody asked for)/.test(flaw)) return true;
  const [, are, must] = /: (\d+) instead of ([1-9]\d*)$/.exec(flaw) ?? [];
  if (are !== undefined) return Number(are) > Number(must) && !flaw.includes(REPLACED);
  const [, made, planned] = /^tasks of pipe .*?: (.*) instead of (.+)$/.exec(flaw) ?? [];
  const count = (list = "") => list.split(" | ").length;
  return planned !== undefined && count(made) > count(planned);
}

const REPLACED = "that count, one of them changed by somebody";

function repeated(list: readonly string[]): string[] {
  return [...new Set(list.filter((one, index) => list.indexOf(one) !== index))];
}

// --- Items ------------------------------------------------------------------------------------------------

const rowsOf = ({ rowsOf }: Snapshot, id: number) => rowsOf.find(({ item }) => item === id)?.rows ?? [];

function itemFlaws(snapshot: Snapshot, item: PlannedItem): Flaw[] {
  const rows = rowsOf(snapshot, item.id);
  const name = `item ${item.id}`;
  // Asked for in Slack: a request that did not come through is not in the inbox, and never twice.
  const flaws =
    item.via === "slack" && rows.length === 0
      ? []
      : count(flaw`rows in the inbox of ${name}`, 1, rows.length);
  return [...flaws, ...rows.flatMap((id) => rowFlaws(snapshot, item, id))];
}

function rowFlaws({ schedule, seen, deeds }: Snapshot, item: PlannedItem, id: string): Flaw[] {
  const row = seen.inbox.find((one) => one.id === id);
  const name = `item ${item.id}`;
  if (row === undefined) return [flaw`${name} is gone from the inbox`];
  const must = FINAL_STATUS[item.kind];
  const status =
    row.status === must ? [] : [flaw`${name} is ${row.status}${row.lastError && `: ${row.lastError}`}`];
  // Only Claude's own failures cost an attempt: everything else is waited out.
  const mayRetry = schedule.faults.some((fault) => fault.kind === "vendor" && fault.side === "claude");
  const attempts = mayRetry ? [] : count(flaw`attempts of ${name}`, 1, Number(row.attempts));
  const intents = seen.intents.filter(({ source }) => source === id);
  const live = seen.pipes.filter(
    (pipe) => pipe.status !== "Superseded" && intents.some((intent) => intent.id === pipe.intent),
  );
  const wasTouched = deeds.some(({ what, pipe }) => what === "touch" && live.some((one) => one.id === pipe));
  const strategic = isStrategic(item) ? 1 : 0;
  const tasks = seen.tasks.filter((task) => task.item === id);
  const logged = seen.log.filter(({ title }) => title.endsWith(row.title) && !title.startsWith("Decision"));
  const twins = seen.inbox.filter((one) => one.title === row.title);
  return [
    ...status,
    ...attempts,
    ...count(flaw`intents of ${name}`, strategic, intents.length),
    ...count(flaw`pipes of ${name} ${wasTouched ? REPLACED : "that count"}`, strategic, live.length),
    ...count(flaw`tasks of ${name}`, item.kind === "task" ? 1 : 0, tasks.length),
    ...count(flaw`log entries of ${name} and its twins`, twins.length, logged.length),
  ];
}

/** Records that belong to nothing, or to something that is not there. */
function strays({ seen, rowsOf }: Snapshot): Flaw[] {
  const rows = new Set(rowsOf.flatMap((one) => one.rows));
  const intents = new Set(seen.intents.map(({ id }) => id));
  const pipes = new Set(seen.pipes.map(({ id }) => id));
  const isStray = (task: { intent: string; item: string }) =>
    !intents.has(task.intent) && !rows.has(task.item);
  return [
    ...seen.inbox.filter(({ id }) => !rows.has(id)).map(({ title }) => flaw`nobody asked for: ${title}`),
    ...seen.intents
      .filter(({ source }) => !rows.has(source))
      .map(({ title }) => flaw`a stray intent: ${title}`),
    ...seen.pipes
      .filter(({ intent }) => !intents.has(intent))
      .map(({ title }) => flaw`a stray pipe: ${title}`),
    ...seen.cards.filter(({ pipe }) => !pipes.has(pipe)).map(({ text }) => flaw`a stray card: ${text}`),
    ...seen.training
      .filter(({ intent }) => !intents.has(intent))
      .map(({ title }) => flaw`a stray training row: ${title}`),
    ...seen.projects
      .filter(({ intent }) => !intents.has(intent))
      .map(({ title }) => flaw`a stray project: ${title}`),
    ...seen.tasks.filter(isStray).map(({ title }) => flaw`a stray task: ${title}`),
  ];
}

// --- Decisions --------------------------------------------------------------------------------------------

const VERDICTS = {
  approve: "approved",
  edit: "edited",
  reject: "rejected",
  "approve-in-notion": "approved",
} as const;

function pipeFlaws(snapshot: Snapshot, pipe: PipeSeen): Flaw[] {
  const name = `pipe ${pipe.id.slice(0, 8)} (${pipe.title})`;
  const cards = snapshot.seen.cards.filter((card) => card.pipe === pipe.id);
  const [card] = cards;
  return [
    ...count(flaw`cards of ${name}`, 1, cards.length),
    ...(card === undefined ? [] : cardFlaws(name, pipe, card)),
    ...(pipe.status === "Superseded" ? [] : outcomeFlaws(snapshot, name, pipe)),
    ...touchFlaws(snapshot, name, pipe),
  ];
}

function cardFlaws(name: string, pipe: PipeSeen, card: CardSeen): Flaw[] {
  const isOpen = card.buttons.includes("decision_approve");
  const shows = {
    Pending: isOpen,
    Approved: !isOpen && /approved/i.test(card.text),
    Rejected: !isOpen && /rejected/i.test(card.text),
    Superseded: !isOpen && /replaced|superseded|newer/i.test(card.text),
  }[pipe.status];
  const isLinked = pipe.slackMessage.endsWith(`p${card.ts.replace(".", "")}`);
  return [
    ...(shows === true ? [] : [flaw`${name} is ${pipe.status}, and its card says: ${card.text}`]),
    ...(isLinked ? [] : [flaw`${name} does not link to its card`]),
  ];
}

function outcomeFlaws(snapshot: Snapshot, name: string, pipe: PipeSeen): Flaw[] {
  const { seen } = snapshot;
  const rows = seen.training.filter(({ intent }) => intent === pipe.intent);
  const isDecided = pipe.status === "Approved" || pipe.status === "Rejected";
  const logged = seen.log.filter((entry) => entry.pipe === pipe.id && entry.title.startsWith("Decision"));
  const [row] = rows;
  const planned = (isDecided && row?.tasks) || [];
  const made = seen.tasks.filter(({ intent }) => intent === pipe.intent).map(({ title }) => title);
  const projects = seen.projects.filter(({ intent }) => intent === pipe.intent);
  const intent = seen.intents.find(({ id }) => id === pipe.intent);
  const told = seen.cards.find((card) => card.pipe === pipe.id)?.replies ?? [];
  return [
    ...count(flaw`training rows of ${name}`, isDecided ? 1 : 0, rows.length),
    ...count(flaw`decisions logged of ${name}`, isDecided ? 1 : 0, logged.length),
    ...count(flaw`projects of ${name}`, planned.length >= 3 ? 1 : 0, projects.length),
    ...(same(planned, made)
      ? []
      : [flaw`tasks of ${name}: ${made.join(" | ")} instead of ${planned.join(" | ")}`]),
    ...(intent && isDecided !== (intent.status !== "Pending_Approval")
      ? [flaw`${name} is ${pipe.status}, and its intent ${intent.status}`]
      : []),
    ...(isDecided && told.length === 0 ? [flaw`the thread of ${name} does not say how it ended`] : []),
    ...(isDecided && row ? winnerFlaws(snapshot, name, pipe) : []),
    ...(!isDecided && wasDecidedOn(snapshot, pipe)
      ? [flaw`${name} is ${pipe.status} although people decided`]
      : []),
  ];
}

const same = (a: readonly string[], b: readonly string[]) =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

/** Everything has healed, whoever meant to decide has clicked again, and still it is not. */
function wasDecidedOn({ schedule, deeds }: Snapshot, pipe: PipeSeen): boolean {
  const means = new Set(schedule.acts.filter(decides).map(({ item }) => item));
  return deeds.some((deed) => deed.pipe === pipe.id && means.has(deed.item) && deed.what !== "touch");
}

function mayDecide({ by, what }: Deed): boolean {
  return what !== "touch" && MAY_DECIDE.includes(by);
}

function winnerFlaws(snapshot: Snapshot, name: string, pipe: PipeSeen): Flaw[] {
  const row = snapshot.seen.training.find(({ intent }) => intent === pipe.intent);
  const onIt = snapshot.deeds.filter((deed) => deed.pipe === pipe.id && mayDecide(deed));
  const fits = (deed: Deed) =>
    row !== undefined &&
    saysSo(deed, snapshot.deeds).some(
      ([verdict, who]) => verdict === row.outcome && row.decidedBy.includes(who),
    ) &&
    (deed.reason === null || row.reason === deed.reason) &&
    (deed.tasks === null || same(deed.tasks, row.tasks ?? []));
  const winner = onIt.find(fits);
  if (winner === undefined) {
    const done = onIt.map(({ what, name: who, reason, tasks }) => JSON.stringify([what, who, reason, tasks]));
    const found = JSON.stringify([row?.reason, row?.tasks]);
    return [
      flaw`${name} was ${row?.outcome} by ${row?.decidedBy}, which nobody did: ${found} against ${done.join(", ")}`,
    ];
  }
  const status = winner.what === "reject" ? "Rejected" : "Approved";
  const earlier = onIt.find(
    (deed) => !fits(deed) && wasUndisturbed(snapshot, deed) && deed.answeredAt + SETTLED_MS < winner.sentAt,
  );
  return [
    ...(pipe.status === status ? [] : [flaw`${name} is ${pipe.status} although it was ${row?.outcome}`]),
    ...(earlier ? [flaw`${name}: ${earlier.by} was first to ${earlier.what}, and ${winner.by} won`] : []),
  ];
}

/**
 * What may be recorded of a deed, and whose. A plan that was changed and approved in Notion before the bot looked is one
 * that was edited, and Notion knows only who came last.
 */
function saysSo(deed: Deed, deeds: Deed[]): [verdict: string, who: string][] {
  if (deed.what === "touch") return [];
  const own: [string, string] = [VERDICTS[deed.what], deed.name];
  if (deed.what !== "approve-in-notion") return [own];
  const touches = deeds.filter(({ what, pipe }) => what === "touch" && pipe === deed.pipe);
  if (touches.length === 0) return [own];
  const last = touches.filter(({ by }) => MAY_DECIDE.includes(by)).map(({ name }) => name);
  return [own, ...[deed.name, ...last].map((who): [string, string] => ["edited", who])];
}

/** A click that was taken this long before another one is the first of the two, whatever the machine is busy with. */
const SETTLED_MS = 4_000;

function wasUndisturbed({ troubles, deeds }: Snapshot, deed: Deed): boolean {
  const until = deed.answeredAt + SETTLED_MS;
  const inTrouble = troubles.some(({ from, to }) => from < until && to > deed.sentAt);
  const wasTouched = deeds.some((one) => one.what === "touch" && one.pipe === deed.pipe);
  return deed.isTaken && deed.what !== "approve-in-notion" && !inTrouble && !wasTouched;
}

/** Replaced only if somebody changed it. */
function touchFlaws({ deeds }: Snapshot, name: string, pipe: PipeSeen): Flaw[] {
  const wasTouched = deeds.some((deed) => deed.what === "touch" && deed.pipe === pipe.id);
  return pipe.status === "Superseded" && !wasTouched
    ? [flaw`${name} was replaced, and nobody had changed it`]
    : [];
}

// --- What only the bot knows --------------------------------------------------------------------------------

const STATES: Record<string, string> = {
  Pending: "pending",
  Approved: "recorded",
  Rejected: "recorded",
  Superseded: "superseded",
};

function keptFlaws({ seen, kept }: Snapshot): Flaw[] {
  if (kept === null) return [];
  return [
    ...seen.pipes.flatMap((pipe) => {
      const known = kept.decisions.find(({ id }) => id === pipe.id);
      const name = `pipe ${pipe.id.slice(0, 8)} (${pipe.title})`;
      if (known === undefined) return [flaw`the store does not know ${name}`];
      const done = kept.audit.filter(
        (entry) =>
          entry.subject === pipe.id &&
          entry.outcome === "done" &&
          /\.(approved|edited|rejected)$/.test(entry.action),
      );
      const voided = kept.audit.filter(
        (entry) => entry.subject === pipe.id && entry.action === "decision.voided",
      );
      const verdict = known.state === "recorded" ? `decision.${known.verdict}` : null;
      return [
        ...(known.state === STATES[pipe.status]
          ? []
          : [flaw`${name} is ${pipe.status}, and in the store ${known.state}`]),
        ...(known.cardIsBehind ? [flaw`the store takes the card of ${name} for an old one`] : []),
        // One that was void because the plan had changed is in the audit, and so is that.
        ...count(
          flaw`decisions of ${name} in the audit`,
          verdict === null ? 0 : 1,
          done.length - voided.length,
        ),
        ...done
          .filter(({ action }) => verdict !== null && action !== verdict)
          .map(({ action }) => flaw`the audit says ${action} of ${name}`),
      ];
    }),
    ...kept.unfinished.map((workflow) => flaw`not finished: ${workflow}`),
  ];
}

function behaviourFlaws({ behaviour }: Snapshot): Flaw[] {
  if (behaviour === null) return [];
  const { noise, deaths, leaks, overLimits } = behaviour;
  return [
    ...noise.map((line) => flaw`printed: ${line}`),
    ...deaths.map((death) => flaw`died: ${death}`),
    ...leaks.map((leak) => flaw`in the log: ${leak}`),
    ...overLimits.map((call) => flaw`above the limit: ${call}`),
  ];
}

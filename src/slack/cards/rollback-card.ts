/** The card of a rollback, from asked to its end. Pure. */
import { type Deployment, shortName } from "../../domain/deployment.ts";
import type { Rollback, RollbackResult, RollbackState } from "../../domain/rollback.ts";
import { inert, inertLine, link, mention, moment } from "../limits.ts";
import { context, header, type Message, section } from "./blocks.ts";
import { nameOf } from "./decision-parts.ts";
import { deploymentOrigin, deploymentTitle } from "./deployment-words.ts";

const RESULT_WORDS: Record<RollbackResult, (name: string) => string> = {
  healthy: (name) => `Healthy: ${name} is live`,
  degraded: (name) => `Degraded: ${name} is live, but not all is well`,
  unverified: (name) => `${name} is online by Railway's word; no data on health`,
  failed: (name) => `Failed: ${name} does not work`,
  "not-started": (name) => `Not rolled back to ${name}`,
  overtaken: (name) => `Overtaken: ${name} was replaced by another deployment`,
  "not-known": (name) => `Not known what became of the rollback to ${name}`,
};

export function rollbackCard(rollback: Rollback): Message {
  const { state, rev } = rollback;
  const name = inertLine(shortName(rollback.target), 20);
  const id = (part: string) => `rollback_${rev}_${part}`;
  const headline = headlineOf(state, name);
  const note = noteOf(state);
  return {
    text: `Rollback to ${name}. ${headline}.`,
    blocks: [
      header(id("title"), `Rollback to ${shortName(rollback.target)}`),
      section(id("state"), `*${headline}*${note === null ? "" : `\n${inert(note, 1_500)}`}`),
      ...(state.kind === "ended" ? [] : [context(id("steps"), stepsLine(state))]),
      section(id("versions"), `*To:* ${describe(rollback.target)}\n*From:* ${describe(rollback.from)}`),
      context(id("by"), byLine(rollback), link(rollback.target.page, "Railway")),
    ],
  };
}

function describe(deployment: Deployment): string {
  return `${deploymentTitle(deployment)}, ${deploymentOrigin(deployment)}`;
}

function headlineOf(state: RollbackState, name: string): string {
  switch (state.kind) {
    case "starting":
      return "Asking Railway…";
    case "asked":
      return state.accepted
        ? "Accepted by Railway; waiting for the new deployment"
        : "Railway's answer was lost; looking at its deployments for what happened";
    case "following":
      return `${inertLine(state.words, 60)}${state.accepted ? "" : " (Railway's answer was lost, but it happened)"}`;
    case "ended":
      return RESULT_WORDS[state.result](name);
  }
}

function noteOf(state: RollbackState): string | null {
  switch (state.kind) {
    case "starting":
      return null;
    case "asked":
      return state.accepted
        ? state.note
        : [state.note, "It is not asked a second time."].filter(Boolean).join(" ");
    case "following":
      return state.note;
    case "ended":
      return state.reason;
  }
}

/** ✓ is done, ○ is to come; the words alone say it as well. */
function stepsLine(state: Exclude<RollbackState, { kind: "ended" }>): string {
  const isFollowing = state.kind === "following";
  const steps = [
    { word: "asked", isDone: state.kind !== "starting" },
    { word: "deploying", isDone: isFollowing },
    { word: "online", isDone: isFollowing && state.onlineSince !== null },
    { word: "healthy", isDone: false },
  ];
  return steps.map(({ word, isDone }) => `${isDone ? "✓" : "○"} ${word}`).join(" · ");
}

function byLine({ by, startedAt, state }: Rollback): string {
  const who = by.slackId === null ? nameOf(by) : mention(by.slackId);
  const end = state.kind === "ended" ? `, ended ${moment(state.at)}` : "";
  return `Asked for by ${who}, ${moment(startedAt)}${end}`;
}

/** In the thread, so that whoever asked is told. */
export function rollbackEndNote({ by, target, startedAt, state }: Rollback): string {
  if (state.kind !== "ended") return "";
  const who = by.slackId === null ? nameOf(by) : mention(by.slackId);
  const seconds = Math.max(0, Math.round((Date.parse(state.at) - Date.parse(startedAt)) / 1_000));
  const time = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const reason = state.reason === null ? "" : ` ${inert(state.reason, 1_500)}`;
  return `${who} *${RESULT_WORDS[state.result](inertLine(shortName(target), 20))}*, after ${time}.${reason}`;
}

/** One line about the last rollback, for the status. */
export function rollbackLine(rollback: Rollback): string {
  const { state, target, by, startedAt } = rollback;
  const name = `\`${inertLine(shortName(target), 20)}\``;
  const fate =
    state.kind === "ended"
      ? RESULT_WORDS[state.result](name)
      : `Under way: rollback to ${name}. ${headlineOf(state, name)}`;
  const label = state.kind === "ended" ? "*Last rollback:* " : "";
  return `${label}${fate} (${nameOf(by)}, ${moment(startedAt)})`;
}

/** Somebody else came first. */
export function busySentence({ state, target, by, startedAt }: Rollback): string {
  const name = `\`${inertLine(shortName(target), 20)}\``;
  return state.kind === "ended"
    ? "Another rollback has just ended. Look at what is live now, and ask again if it is still needed."
    : `${nameOf(by)} is rolling back to ${name} since ${moment(startedAt)}. One at a time: wait for its card to end.`;
}

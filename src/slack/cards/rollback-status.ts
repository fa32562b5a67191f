/** What a rollback would do, and why one is not possible. Pure. */
import {
  type Deployment,
  type Deployments,
  type HostingPlan,
  liveOf,
  type Obstacle,
  previousOf,
  shortName,
  statusWords,
  type Target,
} from "../../domain/deployment.ts";
import type { Rollback } from "../../domain/rollback.ts";
import { ACTIONS, COMMAND, encodeRollbackValue } from "../ids.ts";
import { inertLine } from "../limits.ts";
import { actions, type Block, button, type Message, section } from "./blocks.ts";
import { deploymentName, deploymentOrigin, deploymentTitle, keptWords } from "./deployment-words.ts";
import { rollbackLine } from "./rollback-card.ts";

interface Status {
  deployments: Deployments;
  plan: HostingPlan | null;
  latest: Rollback | null;
}

/** What is live, what it would go back to, until when; with the button when there is something to go back to. */
export function rollbackStatusMessage({ deployments, plan, latest }: Status): Message {
  const live = liveOf(deployments);
  const previous = previousOf(deployments);
  const before = latest === null ? [] : [section("rollback_latest", rollbackLine(latest))];
  if (live === null) {
    const text = `I do not know what is live: Railway does not tell. \`${COMMAND} deploys\` lists what there is.`;
    return { text, blocks: [section("rollback_live", text), ...before] };
  }
  const where = previous === null ? nothingToGoBackTo() : goesBackTo(previous, plan);
  return {
    text: `Live: ${inertLine(deploymentName(live), 200)}. ${previous === null ? "Nothing to go back to." : `Would go back to: ${inertLine(deploymentName(previous), 200)}.`}`,
    blocks: [
      section(
        "rollback_live",
        `*Live:* ${deploymentTitle(live)}\n${inertLine(statusWords(live), 60)} · ${deploymentOrigin(live)}`,
      ),
      section("rollback_previous", where),
      ...before,
      ...(previous === null ? [] : [confirmButton(previous, live)]),
    ],
  };
}

function nothingToGoBackTo(): string {
  return `*Nothing earlier to go back to:* Railway keeps no earlier image of this service any more. \`${COMMAND} deploys\` lists what there is; redeploying an earlier commit in Railway builds it anew.`;
}

function goesBackTo(previous: Deployment, plan: HostingPlan | null): string {
  return `*Would go back to:* ${deploymentTitle(previous)}\n${deploymentOrigin(previous)}\n${keptWords(previous, plan)}`;
}

function confirmButton(previous: Deployment, live: Deployment): Block {
  const name = shortName(previous);
  return actions("rollback_actions", [
    button({
      action: ACTIONS.rollback,
      text: `Roll back to ${name}…`,
      value: encodeRollbackValue({ id: previous.id, live: live.id }),
      label: `Roll back to ${deploymentName(previous)}`,
      style: "danger",
    }),
  ]);
}

/** Why that deployment cannot be gone back to. */
export function refusedTarget(typed: string, target: Exclude<Target, { kind: "found" }>): string {
  const name = `\`${inertLine(typed, 60).replace(/`/g, "'")}\``;
  const list = `\`${COMMAND} deploys\` lists them.`;
  switch (target.kind) {
    case "too-short":
      return `${name} is too short to be sure: give at least four characters of the commit or the deployment. ${list}`;
    case "not-found":
      return `None of the last twenty deployments is called ${name}: give the first four or more characters of a commit or a deployment. ${list}`;
    case "ambiguous":
      return [
        `${name} could be any of these; give more characters:`,
        ...target.matches.slice(0, 5).map((match) => `• ${deploymentTitle(match)}`),
      ].join("\n");
    case "not-possible":
      return `${deploymentTitle(target.deployment)}\n${OBSTACLE_WORDS[target.obstacle]} ${list}`;
  }
}

export const OBSTACLE_WORDS: Record<Obstacle, string> = {
  "is-live": "This one is live already: there is nothing to go back to.",
  "not-kept":
    "Railway cannot restore this one: its image is no longer kept, or was never built. Redeploying its commit in Railway builds it anew.",
  "never-worked": "This one failed when it was deployed: going back to it would fail again.",
};

/** The list of deployments. Pure. */
import {
  type Deployment,
  type Deployments,
  liveOf,
  type Obstacle,
  obstacle,
  statusClass,
  statusWords,
} from "../../domain/deployment.ts";
import { COMMAND } from "../ids.ts";
import { inertLine, link } from "../limits.ts";
import { type Block, context, header, type Message, section } from "./blocks.ts";
import { deploymentName, deploymentOrigin, deploymentTitle } from "./deployment-words.ts";

const SHOWN = 10;

export function deploymentsMessage(deployments: Deployments): Message {
  const { list } = deployments;
  if (list.length === 0) {
    const text = "Railway lists no deployment of this service yet.";
    return { text, blocks: [section("deploys_none", text)] };
  }
  const live = liveOf(deployments);
  const rows = list.slice(0, SHOWN).map((deployment, index) => row(deployment, deployments, index));
  const unknown = live === null ? ["Railway does not tell which one is live."] : [];
  const hint = `\`${COMMAND} rollback\` shows what going back would do; \`${COMMAND} rollback to <commit>\` asks for it (operators).`;
  return {
    text: live === null ? "Deployments" : `Live: ${inertLine(deploymentName(live), 200)}`,
    blocks: [header("deploys_title", "Deployments"), ...rows, context("deploys_hint", ...unknown, hint)],
  };
}

function row(deployment: Deployment, deployments: Deployments, index: number): Block {
  const isLive = liveOf(deployments)?.id === deployment.id;
  const facts = [
    isLive ? "*Live*" : "",
    inertLine(statusWords(deployment), 60),
    deploymentOrigin(deployment),
    isLive ? "" : rollbackWord(obstacle(deployment, deployments), deployment),
    link(deployment.page, "Railway"),
  ];
  const mark = isLive ? "▶ " : "";
  return section(
    `deploys_${index}`,
    `${mark}${deploymentTitle(deployment)}\n${facts.filter((fact) => fact !== "").join(" · ")}`,
  );
}

function rollbackWord(hindrance: Obstacle | null, deployment: Deployment): string {
  if (hindrance === null) return "can roll back";
  return statusClass(deployment) === "gone" ? "image no longer kept" : "cannot roll back";
}

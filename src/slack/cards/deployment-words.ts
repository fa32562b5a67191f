/** How one deployment is called, where it comes from, and until when it can be restored. */
import { type Deployment, type HostingPlan, keptUntil, shortName } from "../../domain/deployment.ts";
import { clip, inertLine, link, moment, oneLine } from "../limits.ts";

const MESSAGE_LENGTH = 160;

/** "abc1234 Subject of the commit", the name leading to the commit. Slack shows no code inside a link. */
export function deploymentTitle(deployment: Deployment): string {
  const { commit, image } = deployment;
  const name = inertLine(shortName(deployment), 20);
  const url = commitUrl(deployment);
  const words = commit?.message?.split("\n", 1)[0] ?? image ?? (commit ? "" : "no commit is known");
  return `${url === null ? `\`${name}\`` : link(url, name)} ${plainWords(words, MESSAGE_LENGTH)}`.trim();
}

/** The same for plain text. */
export function deploymentName(deployment: Deployment): string {
  const words = deployment.commit?.message?.split("\n", 1)[0] ?? deployment.image ?? "";
  return clip(`${shortName(deployment)} ${oneLine(words)}`.trim(), MESSAGE_LENGTH);
}

function commitUrl({ commit }: Deployment): string | null {
  return commit?.repo ? `https://github.com/${commit.repo}/commit/${commit.hash}` : null;
}

/** Without formatting of its own. */
function plainWords(text: string, max: number): string {
  return inertLine(text, max).replace(/[*_~`]/g, (sign) => `\u200B${sign}`);
}

/** "by sam on main, today at 10:02". */
export function deploymentOrigin({ commit, createdAt }: Deployment): string {
  const by = commit?.author ? `by ${plainWords(commit.author, 60)}` : "";
  const branch = commit?.branch ? `on ${plainWords(commit.branch, 60)}` : "";
  const origin = [by, branch].filter((words) => words !== "").join(" ");
  return origin === "" ? moment(createdAt) : `${origin}, ${moment(createdAt)}`;
}

const PLAN_WORDS: Record<HostingPlan, string> = {
  free: "Free plan: 24 hours",
  trial: "Trial: 24 hours",
  hobby: "Hobby plan: 72 hours",
  pro: "Pro plan: 120 hours, Enterprise longer",
  enterprise: "Enterprise plan: 360 hours",
};

export function keptWords(deployment: Deployment, plan: HostingPlan | null): string {
  const kept = keptUntil(deployment, plan);
  switch (kept.kind) {
    case "while-live":
      return "Its image is kept while it runs.";
    case "until":
      return `Possible until ${moment(kept.at)} (${PLAN_WORDS[kept.plan]} after it was replaced).`;
    case "unknown": {
      const since = deployment.statusSince === null ? "" : `, which was ${moment(deployment.statusSince)}`;
      return `Possible now; until when, Railway does not tell. It keeps an image for 24 hours (Free, Trial), 72 (Hobby), 120 (Pro) or 360 (Enterprise) after its deployment was replaced${since}.`;
    }
  }
}

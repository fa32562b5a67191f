/** Prepares the form behind `/emm rollback to` and behind the button of the status: both show what is true right now. */
import { type Deployment, type Deployments, liveOf } from "../domain/deployment.ts";
import { busySentence } from "./cards/rollback-card.ts";
import { rollbackView } from "./cards/rollback-view.ts";
import { inert } from "./limits.ts";
import type { Prepared } from "./replies.ts";
import type { DeploymentDesk } from "./rollback-ports.ts";

export interface RollbackFormDeps {
  desk: DeploymentDesk;
  alertsChannel: string;
}

/** `choose` names the deployment among those there are, or says why not. */
export async function prepareRollbackForm(
  { desk, alertsChannel }: RollbackFormDeps,
  choose: (deployments: Deployments) => { deployment: Deployment } | { refusal: string },
): Promise<Prepared> {
  const [answer, plan, latest] = await Promise.all([
    desk.deployments({ fresh: true }),
    desk.plan(),
    desk.latestRollback(),
  ]);
  if (!answer.ok) return { refusal: inert(answer.failure.message, 1_000) };
  const choice = choose(answer.value);
  if ("refusal" in choice) return choice;
  const live = liveOf(answer.value);
  if (live === null) return { refusal: NOT_KNOWN };
  if (latest !== null && latest.state.kind !== "ended") return { refusal: busySentence(latest) };
  return { view: rollbackView({ target: choice.deployment, live, plan, alertsChannel }) };
}

const NOT_KNOWN =
  "I do not know what is live, because Railway does not tell. Going back from something unknown is not safe from here: use Railway's own page, under Deployments.";

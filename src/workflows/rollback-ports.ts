/** What a rollback needs from the world. */
import type { Deployments, PlatformAnswer } from "../domain/deployment.ts";
import type { MessageRef } from "../domain/item.ts";
import type { Face, Rollback, RollbackState } from "../domain/rollback.ts";

export interface DeploymentPlatform {
  deployments(how?: { fresh: boolean }): Promise<PlatformAnswer<Deployments>>;
  /** Never called twice for one rollback. */
  rollBack(deploymentId: string): Promise<PlatformAnswer<true>>;
  /** The platform's words; null = it does not say. */
  whyFailed(deploymentId: string): Promise<string | null>;
}

/** Asks the deployment that should be live by now how it is. `address` is used where no better one is configured. */
export type AskFace = (expected: { deploymentId: string | null; address: string | null }) => Promise<Face>;

export interface RollbackBook {
  find(id: string): Promise<Rollback | null>;
  active(): Promise<Rollback | null>;
  latest(): Promise<Rollback | null>;
  /** False while another one has not ended. */
  begin(rollback: Pick<Rollback, "id" | "target" | "from" | "by" | "startedAt">): Promise<boolean>;
  /** True once, ever. */
  claimAsk(id: string, claim: { at: string; knownIds: string[] }): Promise<boolean>;
  /** How it stands afterwards; what has ended stays as it ended. */
  move(id: string, state: RollbackState): Promise<Rollback | null>;
  cardPosted(id: string, card: MessageRef): Promise<void>;
  cardShows(id: string, rev: number): Promise<void>;
}

/** The alerts channel. */
export interface RollbackWall {
  post(rollback: Rollback): Promise<MessageRef>;
  update(rollback: Rollback, card: MessageRef): Promise<void>;
  /** How it ended, in the card's thread, to whoever asked for it. Once per rollback. */
  tellEnd(rollback: Rollback): Promise<void>;
}

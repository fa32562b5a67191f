/** What the history of a decision needs to reach a person as a file. */
import type { Failure } from "../errors.ts";

/** Plain JSON: it is the input of the workflow. */
export interface AuditFileOrder {
  /** Names the request; the same one is carried out once. */
  id: string;
  userId: string;
  /** The direct message with whoever asked. */
  channel: string;
  decisionId: string;
}

export interface AuditCourier {
  upload(file: { name: string; text: string }): Promise<string>;
  share(file: {
    id: string;
    name: string;
    channel: string;
    title: string;
  }): Promise<"shared" | "unconfirmed">;
  /** `failure` null = Slack did not say whether it posted the file. Once per key. */
  say(key: string, channel: string, failure: Failure | null): Promise<void>;
}

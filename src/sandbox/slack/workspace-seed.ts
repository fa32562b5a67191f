/** The small company that the demo and the flow tests play in. */
import type { SlackSeed } from "../stand-ins.ts";

/** Who is who, by what they may do. */
export const people = {
  /** Approver. */
  dana: "U0DANA0001",
  /** Approver. */
  sam: "U0SAM00001",
  /** Member, not an approver. */
  lee: "U0LEE00001",
  /** Multi-channel guest. */
  guest: "U0GUEST001",
  /** Of another team, through Slack Connect. */
  stranger: "U0STRANGE1",
  /** Has left. */
  former: "U0FORMER01",
} as const;

export const channels = {
  leadership: "C0LEADERS1",
  alerts: "C0ALERTS01",
  general: "C0GENERAL1",
} as const;

/** User group of the approvers. */
export const leadershipGroup = "S0LEADERS1";

export function createSlackSeed(): SlackSeed {
  return {
    team: { id: "T0ACME0001", name: "Acme", domain: "acme-example" },
    bot: { userId: "U0EMMBOT01", botId: "B0EMMBOT01", name: "emm", token: "xoxb-sandbox-bot-token" },
    signingSecret: "sandbox-signing-secret-0123456789",
    users: [
      { id: people.dana, name: "dana", realName: "Dana Reyes", email: "dana@acme.example" },
      { id: people.sam, name: "sam", realName: "Sam Okafor", email: "sam@acme.example" },
      { id: people.lee, name: "lee", realName: "Lee Park", email: "lee@acme.example" },
      {
        id: people.guest,
        name: "gale",
        realName: "Gale Moss",
        email: "gale@contractor.example",
        isRestricted: true,
      },
      {
        id: people.stranger,
        name: "robin",
        realName: "Robin Vale",
        email: "robin@partner.example",
        teamId: "T0PARTNER1",
      },
      {
        id: people.former,
        name: "kim",
        realName: "Kim Doyle",
        email: "kim@acme.example",
        deleted: true,
      },
    ],
    groups: [
      { id: leadershipGroup, handle: "leadership", name: "Leadership", users: [people.dana, people.sam] },
    ],
    channels: [
      { id: channels.leadership, name: "leadership" },
      { id: channels.alerts, name: "emm-alerts" },
      { id: channels.general, name: "general" },
    ],
  };
}

/** Questions and the dialectic in memory, by the rules of the domain. */
import type { DecisionRecord, Evolution } from "../../src/domain/decision.ts";
import { answerQuestion, askQuestion, dialecticObstacle, findQuestion } from "../../src/domain/talk.ts";
import type { TalkDesk } from "../../src/slack/talk-ports.ts";

export interface TalkOrders {
  /** Ids of decisions on which all three were wanted. */
  dialectics: string[];
  /** "<question>:<attempt>" */
  again: string[];
}

/** Before the fixture's decisions expire. */
const NOW = "2026-11-21T12:00:00.000Z";

export function createTalkDesk(decisions: Map<string, DecisionRecord>, orders: TalkOrders): TalkDesk {
  const evolve = <R>(id: string, change: (known: DecisionRecord) => Evolution<R>) => {
    const known = decisions.get(id);
    if (!known) return { kind: "not-found" } as const;
    const { patch, result } = change(known);
    if (patch) decisions.set(id, { ...known, ...patch, rev: known.rev + 1 });
    return result;
  };
  return {
    find: async (id) => decisions.get(id) ?? null,
    ask: async ({ decisionId, question }) => evolve(decisionId, (known) => askQuestion(known, question)),
    answer: async ({ decisionId, questionId, answer }) =>
      evolve(decisionId, (known) => answerQuestion(known, questionId, answer)),
    async askAgain({ decisionId, questionId, attempt }) {
      const known = decisions.get(decisionId);
      if (!known || !findQuestion(known, questionId)) return { kind: "no-question" };
      orders.again.push(`${questionId}:${attempt}`);
      return { kind: "asked" };
    },
    async startDialectic({ decisionId }) {
      const obstacle = dialecticObstacle(decisions.get(decisionId) ?? null, NOW);
      if (obstacle !== null) return obstacle;
      orders.dialectics.push(decisionId);
      return { kind: "started" };
    },
  };
}

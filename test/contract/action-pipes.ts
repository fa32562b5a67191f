/** As much of Notion as decisions are carried out in: the Action Pipes, in memory. */
import type { PipeContent } from "../../src/domain/plan.ts";
import type { PipeRow } from "../../src/workflows/ports.ts";

export function createActionPipes() {
  const pipes = new Map<string, PipeRow>();

  function pipeOf(id: string): PipeRow {
    const pipe = pipes.get(id);
    if (!pipe) throw new Error(`no pipe ${id}`);
    return pipe;
  }

  function putPipe(id: string, content: PipeContent): PipeRow {
    const row = { id, inTrash: false, status: "Pending", content, reason: null };
    const pipe = { ...row, lastEditedAt: new Date().toISOString(), lastEditedBy: "notion-user" };
    pipes.set(id, pipe);
    return pipe;
  }

  const notion = {
    records: { ownOutcome: async () => null, createTraining: async () => ({}), createLog: async () => ({}) },
    followUps: { createProject: async () => ({ id: "p", url: "" }), createTask: async () => ({}) },
    decisions: {
      readPipe: async (id: string) => pipeOf(id),
      // What is at work was edited longer ago than a sweep looks back.
      pipesEditedSince: async () => [],
      createPipe: async ({ content }: { content: PipeContent }, { key }: { key: string }) => {
        putPipe(key, content);
        return { id: key, url: "" };
      },
      writePipe: async (id: string, { status }: { status: string }) => {
        pipes.set(id, { ...pipeOf(id), status });
      },
      writeIntent: async () => undefined,
    },
  };

  return { pipes, pipeOf, putPipe, notion };
}

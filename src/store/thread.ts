/** A thread that is asked and answers, one thing after the other. */
import { Worker } from "node:worker_threads";

export interface Question<Ask> {
  id: number;
  ask: Ask;
}

export interface Answer<Said> {
  id: number;
  said?: Said;
  /** Why there is nothing said. */
  failed?: string;
}

export interface Thread<Ask, Said> {
  /** Rejects with what failed in the thread, or because it ended. */
  ask(what: Ask): Promise<Said>;
  end(): Promise<void>;
}

/**
 * Runs the JavaScript in `file` with `data`, which answers each Question with an Answer. Keeps the
 * process alive while it has something to do, and no longer. `onDeath` hears of an end that nobody asked for, once.
 */
export function startThread<Ask, Said>(
  file: URL,
  data: unknown,
  onDeath: (error: Error) => void,
): Thread<Ask, Said> {
  // Without the options of this process: they are for the bot, such as loading its error tracking.
  const worker = new Worker(file, { workerData: data, execArgv: [] });
  const waiting = new Map<number, { resolve(said: Said): void; reject(error: Error): void }>();
  let asked = 0;
  let death: Error | null = null;
  /** Whether it lived until now. */
  const close = (error: Error): boolean => {
    if (death) return false;
    death = error;
    for (const { reject } of waiting.values()) reject(error);
    return true;
  };
  const die = (error: Error) => {
    if (close(error)) onDeath(error);
  };
  worker.on("error", die);
  worker.on("exit", (code) => die(new Error(`a thread ended by itself, with exit code ${code}`)));
  worker.on("message", ({ id, said, failed }: Answer<Said>) => {
    const asker = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (failed === undefined) asker?.resolve(said as Said);
    else asker?.reject(new Error(failed));
  });
  return {
    ask(what) {
      if (death) return Promise.reject(death);
      asked += 1;
      const question: Question<Ask> = { id: asked, ask: what };
      worker.ref();
      worker.postMessage(question);
      return new Promise((resolve, reject) => {
        waiting.set(question.id, { resolve, reject });
      });
    },
    async end() {
      close(new Error("the thread was ended"));
      await worker.terminate();
    },
  };
}

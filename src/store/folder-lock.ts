/**
 * One process per data folder. PGlite does not lock its directory, and two processes on one corrupt it.
 * A listening socket is a lock that the kernel drops with its process: it answers while the owner lives.
 */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { AppError } from "../errors.ts";

export async function lockFolder(folder: string): Promise<() => void> {
  const id = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const path = process.platform === "win32" ? `\\\\.\\pipe\\emm-${id}` : `${tmpdir()}/emm-${id}.sock`;
  if (await answers(path)) {
    throw new AppError(
      `DATA_DIR ${folder} is in use by another process; stop it or choose another DATA_DIR`,
      {
        code: "config_invalid",
        retryable: false,
      },
    );
  }
  rmSync(path, { force: true });
  const server = createServer().listen(path).unref();
  return () => {
    server.close();
    rmSync(path, { force: true });
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}

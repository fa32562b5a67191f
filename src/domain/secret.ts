/** Comparing secrets without telling how much of a guess was right. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Takes as long for every wrong answer; hashing makes the lengths equal. */
export function isSameSecret(given: string | null | undefined, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given ?? ""), digest(secret));
}

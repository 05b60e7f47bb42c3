/** A name as one token of a subject: NATS gives dots, blanks, `*` and `>` a meaning. */
export function token(name: string): string {
  return Buffer.from(name).toString('base64url') || '-'
}

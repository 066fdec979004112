/** Why nothing is proven: the copy cannot be made or read, or would reach the real thing. The message says what to do. */
export class NotRehearsed extends Error {
  override readonly name = 'NotRehearsed';
}

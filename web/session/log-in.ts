/** How somebody gets a session. Another way in, such as an identity provider, is another of these. */
import type { Hono } from 'hono';
import type { Env, Request } from '../context.js';

export interface LogIn {
  /** True for a path by which somebody tries to get in: such requests are limited in number. */
  isAttempt(path: string): boolean;
  /** Adds the routes by which a session begins. They are reached without one. */
  addRoutes(app: Hono<Env>): void;
  /** The answer to a request that needs a session and has none. */
  refuse(context: Request): Response | Promise<Response>;
}

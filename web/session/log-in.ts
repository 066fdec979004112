/** How somebody gets a session. Another way in, such as an identity provider, is another of these. */
import type { Hono } from 'hono';
import type { Env, Request } from '../context.js';

export interface LogIn {
  /** Adds the routes by which a session begins. They are reached without one. */
  addRoutes(app: Hono<Env>): void;
  /** The answer to a request that needs a session and has none. */
  refuse(context: Request): Response | Promise<Response>;
}

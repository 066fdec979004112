/** The page of the key with which the browser of this person signs. */
import type { Hono } from 'hono';
import { type Env, sessionOf } from '../context.js';
import type { Desk } from '../desk.js';
import { KeyPage } from '../pages/key.js';

export function addKey(app: Hono<Env>, { screen }: Desk): void {
  app.get('/key', (context) =>
    screen.show(context, { title: 'Your key', live: null }, <KeyPage by={sessionOf(context).by} />),
  );
}

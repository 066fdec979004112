/**
 * Speaks as much of Slack as an incoming webhook does: takes a message with text or blocks, and answers "ok". `GET /messages` shows what
 * it heard.
 */
import { identify, serve } from './service.mjs';

const messages = [];

await serve(identify('slack'), {
  version: 1,
  async handle(request, url, response) {
    if (request.method === 'GET' && url.pathname === '/messages') return { status: 200, body: messages };
    if (request.method !== 'POST' || !url.pathname.startsWith('/services/')) {
      return { status: 404, body: { error: 'POST /services/..., GET /messages' } };
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const { text, blocks } = JSON.parse(body);
    if (text === undefined && blocks === undefined) {
      response.writeHead(400).end('no_text');
      return null;
    }
    messages.push(text ?? JSON.stringify(blocks));
    response.writeHead(200).end('ok');
    return null;
  },
});

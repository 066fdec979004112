/** A server that takes posts as a channel does, answers what it is told to, and keeps what came. */
import { createServer, type IncomingHttpHeaders } from 'node:http';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export class Receiver {
  readonly received: Received[] = [];
  /** What is answered next; then 200 again. `silence`: nothing ever comes. */
  readonly answers: (Answer | 'silence')[] = [];
  readonly #server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      this.received.push({ path: request.url ?? '', headers: request.headers, body });
      const answer = this.answers.shift() ?? { status: 200 };
      if (answer === 'silence') return;
      const { status, headers = {}, body: text = '' } = answer;
      response.writeHead(status, headers).end(text);
    });
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

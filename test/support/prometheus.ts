/** A real Prometheus (Debian's package `prometheus`) that scrapes an exporter of the test every second. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './port.js';

export const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;
if (!hasPrometheus) {
  console.warn('No prometheus on the PATH: install the package "prometheus" to run the tests with it.');
}

const PATIENCE_MS = 60_000;

export class PrometheusWithExporter {
  /** What the exporter says, by the name of a gauge. */
  readonly gauges = new Map<string, number>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-prometheus-'));
  readonly #exporter: Server;
  #process: ChildProcess | null = null;
  #port = 0;

  constructor() {
    this.#exporter = createServer((request, response) => {
      // "/set?shop_latency=300" is for the commands of a step.
      for (const [name, value] of new URL(request.url ?? '/', 'http://exporter').searchParams) {
        this.gauges.set(name, Number(value));
      }
      const lines = [...this.gauges].map(([name, value]) => `# TYPE ${name} gauge\n${name} ${value}\n`);
      response.setHeader('content-type', 'text/plain; version=0.0.4').end(lines.join(''));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** A command that sets a gauge. */
  setting(name: string, value: number): string {
    return `node -e "fetch('${this.#exporterUrl()}/set?${name}=${value}')"`;
  }

  async open(): Promise<void> {
    this.#exporter.listen(0, '127.0.0.1');
    await once(this.#exporter, 'listening');
    this.#port = await freePort();
    const target = new URL(this.#exporterUrl()).host;
    writeFileSync(
      join(this.#folder, 'prometheus.yml'),
      `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: shop, static_configs: [{ targets: ["${target}"] }] }]\n`,
    );
    await this.start();
  }

  /** Once it has a value of every gauge. */
  async start(): Promise<void> {
    this.#process = spawn(
      'prometheus',
      [
        `--config.file=${join(this.#folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(this.#folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${this.#port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    for (const [name, value] of this.gauges) await this.until(name, value);
  }

  /** Waits until a query for the gauge gives the value. */
  async until(name: string, value: number): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await fetch(`${this.url}/api/v1/query?query=${name}`).then(
        (response) => response.text(),
        (error: unknown) => String(error),
      );
      if (answer.includes(`"${value}"]`)) return;
      if (Date.now() > deadline) throw new Error(`Prometheus never had ${name} ${value}: ${answer}`);
      await pause(100);
    }
  }

  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running === null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    await this.stop();
    this.#exporter.closeAllConnections();
    this.#exporter.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #exporterUrl(): string {
    return `http://127.0.0.1:${portOf(this.#exporter.address())}`;
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

/** Measures in the Prometheus text format. Left out: anything about one person or one approval. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = {
  answered(route: string, status: number, duration_s: number): void;
  /** The text for `/metrics`; asks the gauges' sources now. */
  text(): Promise<string>;
  readonly content_type: string;
};

export type Gauges = {
  feed_readers: () => number;
  jobs: () => Promise<{ waiting: number; due: number; dead: number }>;
  deliveries: () => Promise<{ waiting: number; failed: number }>;
  /** Mails that came in, by what became of them. */
  mails: () => Readonly<Record<string, number>>;
  worker: () => { running: Record<string, number>; paused: number };
};

export function createMetrics(gauges: Gauges): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'countersign_http_requests_total',
    help: 'Answered requests by route and status.',
    labelNames: ['route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'countersign_http_request_duration_seconds',
    help: 'From the request to its answer, by route.',
    labelNames: ['route'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60],
    registers,
  });
  const readers = new Gauge({
    name: 'countersign_feed_readers',
    help: 'Open live streams.',
    registers,
  });
  const jobs = new Gauge({
    name: 'countersign_jobs',
    help: 'Jobs by state; "due" should be near zero and "dead" needs a person.',
    labelNames: ['state'],
    registers,
  });
  const worker = workerGauges(registers);
  const deliveries = new Gauge({
    name: 'countersign_webhook_deliveries',
    help: 'Webhook deliveries that are not made; "failed" were given up and can be replayed.',
    labelNames: ['state'],
    registers,
  });
  const mails = mailCounter(registers);
  const bound = new Map<string, { count: { inc(): void }; time: { observe(s: number): void } }>();
  return {
    answered: (route, status, duration_s) => {
      const name = `${route} ${status}`;
      let measure = bound.get(name);
      if (!measure) {
        measure = { count: requests.labels(route, String(status)), time: durations.labels(route) };
        bound.set(name, measure);
      }
      measure.count.inc();
      measure.time.observe(duration_s);
    },
    text: async () => {
      readers.set(gauges.feed_readers());
      for (const [state, n] of Object.entries(await gauges.jobs())) jobs.set({ state }, n);
      worker(gauges.worker());
      for (const [state, n] of Object.entries(await gauges.deliveries())) deliveries.set({ state }, n);
      mails(gauges.mails());
      return registry.metrics();
    },
    content_type: registry.contentType,
  };
}

function workerGauges(registers: Registry[]): (now: ReturnType<Gauges['worker']>) => void {
  const running = new Gauge({
    name: 'countersign_jobs_running',
    help: 'Jobs that this process runs now, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const paused = new Gauge({
    name: 'countersign_targets_paused',
    help: 'Targets that failed so often that this process leaves them alone for a while.',
    registers,
  });
  return (now) => {
    running.reset();
    for (const [kind, n] of Object.entries(now.running)) running.set({ kind }, n);
    paused.set(now.paused);
  };
}

function mailCounter(registers: Registry[]): (now: ReturnType<Gauges['mails']>) => void {
  const mails = new Counter({
    name: 'countersign_inbound_mails_total',
    help: 'Mails that came in, by what they became or why they became nothing.',
    labelNames: ['outcome'],
    registers,
  });
  return (now) => {
    mails.reset();
    for (const [outcome, n] of Object.entries(now)) mails.inc({ outcome }, n);
  };
}

// Jobs on PostgreSQL, to compare folding with: how many a second are done from a backlog, by jobs that do nothing.
//   named     each job in the named queue of its client, one after the other there, as they come
//   batching  no order: jobs are fetched and completed many at a time
// Prints one line of JSON.
import { parseArgs } from 'node:util';
import { Logger, run, runMigrations } from 'graphile-worker';
import pg from 'pg';

const { values: settings } = parseArgs({
  options: {
    database: { type: 'string' },
    mode: { type: 'string' },
    jobs: { type: 'string' },
    queues: { type: 'string', default: '1' },
  },
});
const jobs = Number(settings.jobs);
const queues = Number(settings.queues);
const named = settings.mode === 'named';

const quiet = new Logger(() => () => {});
const pool = new pg.Pool({ connectionString: settings.database, max: 20 });
// A connection that is lost shows where it is used.
pool.on('error', () => {});
await runMigrations({ pgPool: pool, logger: quiet });
await pool.query(
  `SELECT graphile_worker.add_jobs(array(
     SELECT json_populate_record(null::graphile_worker.job_spec, json_build_object(
       'identifier', 'nothing', 'queue_name', CASE WHEN $2::boolean THEN 'client-' || (n % $3::int) END))
     FROM generate_series(1, $1::int) AS n))`,
  [jobs, named, queues],
);

let done = 0;
let finish;
const finished = new Promise((resolve) => {
  finish = resolve;
});
const batching = {
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};
const since = process.hrtime.bigint();
const runner = await run({
  pgPool: pool,
  logger: quiet,
  concurrency: 24,
  noHandleSignals: true,
  taskList: {
    nothing() {
      done += 1;
      if (done === jobs) {
        finish();
      }
    },
  },
  preset: { worker: named ? { pollInterval: 2000 } : { pollInterval: 2000, ...batching } },
});
await finished;
const seconds = Number(process.hrtime.bigint() - since) / 1e9;
await runner.stop();
await pool.end();
console.log(JSON.stringify({ mode: settings.mode, jobs, seconds, per_second: jobs / seconds }));

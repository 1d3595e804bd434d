/**
 * Jobs: what has to happen later, claimed with a lease, lane by lane.
 * INVARIANT: a claimed job whose worker dies is claimed again; a worker whose lease was taken can't finish it
 * (the number of attempts is the fence).
 */
import type { Job, JobTable } from '../core/ports.ts';
import { row, rows, run, SKIP_LOCKED } from './sql.ts';

type Row = Omit<Job, 'run_at_ms'> & { run_at: number };

export const jobs: JobTable = {
  *add(job) {
    yield* run`INSERT INTO jobs (id, kind, lane, workspace_id, subject_id, run_at, attempts, last_error, dead)
      VALUES (${job.id}, ${job.kind}, ${job.lane}, ${job.workspace_id}, ${job.subject_id}, ${job.run_at_ms}, 0, NULL, 0)
      ON CONFLICT (id) DO NOTHING`;
  },

  *addClaimed(job) {
    yield* run`INSERT INTO jobs (id, kind, lane, workspace_id, subject_id, run_at, attempts, last_error, dead)
      VALUES (${job.id}, ${job.kind}, ${job.lane}, ${job.workspace_id}, ${job.subject_id}, ${job.run_at_ms}, 1, NULL, 0)`;
    return { ...job, attempts: 1, failures: 0 };
  },

  *drop(id) {
    yield* run`DELETE FROM jobs WHERE id = ${id}`;
  },

  *dropLane(lane) {
    yield* run`DELETE FROM jobs WHERE lane = ${lane}`;
  },

  *lanes() {
    // One step of the index per lane, however many jobs a lane has.
    return yield* rows<{ lane: string; next_at_ms: number }>`WITH RECURSIVE lanes (lane) AS (
        SELECT MIN(lane) FROM jobs WHERE dead = 0
        UNION ALL
        SELECT (SELECT MIN(j.lane) FROM jobs AS j WHERE j.dead = 0 AND j.lane > lanes.lane)
        FROM lanes WHERE lanes.lane IS NOT NULL
      )
      SELECT lane, (SELECT MIN(j.run_at) FROM jobs AS j WHERE j.dead = 0 AND j.lane = lanes.lane) AS next_at_ms
      FROM lanes WHERE lane IS NOT NULL ORDER BY 2`;
  },

  *claim(lane, now_ms, lease_ms, limit) {
    const claimed = yield* rows<Row>`UPDATE jobs SET run_at = ${now_ms + lease_ms}, attempts = attempts + 1
      WHERE id IN (
        SELECT id FROM jobs WHERE dead = 0 AND lane = ${lane} AND run_at <= ${now_ms}
        ORDER BY run_at LIMIT ${limit} ${SKIP_LOCKED}
      ) RETURNING id, kind, lane, workspace_id, subject_id, run_at, attempts, failures`;
    return claimed.map(({ run_at, ...job }) => ({ ...job, run_at_ms: run_at }));
  },

  *extend(job, run_at_ms) {
    const changed = yield* run`UPDATE jobs SET run_at = ${run_at_ms}
      WHERE id = ${job.id} AND attempts = ${job.attempts} AND dead = 0`;
    return changed > 0;
  },

  *release(now_ms) {
    yield* run`UPDATE jobs SET run_at = ${now_ms} WHERE dead = 0 AND attempts > 0 AND run_at > ${now_ms}`;
  },

  *finish(job) {
    yield* run`DELETE FROM jobs WHERE id = ${job.id} AND attempts = ${job.attempts}`;
  },

  *again(job, at_ms) {
    yield* run`UPDATE jobs SET run_at = ${at_ms}, failures = 0 WHERE id = ${job.id} AND attempts = ${job.attempts}`;
  },

  *fail(job, error, again_at_ms, dead) {
    yield* run`UPDATE jobs
      SET run_at = ${again_at_ms}, last_error = ${error}, dead = ${dead ? 1 : 0}, failures = failures + 1
      WHERE id = ${job.id} AND attempts = ${job.attempts}`;
  },

  *countByState(now_ms) {
    const counted = yield* row<{ waiting: number; due: number; dead: number }>`SELECT
        COUNT(CASE WHEN dead = 0 AND run_at > ${now_ms} THEN 1 END) AS waiting,
        COUNT(CASE WHEN dead = 0 AND run_at <= ${now_ms} THEN 1 END) AS due,
        COUNT(CASE WHEN dead = 1 THEN 1 END) AS dead
      FROM jobs`;
    return counted ?? { waiting: 0, due: 0, dead: 0 };
  },
};

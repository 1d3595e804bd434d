/**
 * What the system knows of another process: CPU time and memory, from /proc (Linux). NaN where there is none.
 */
import { readFileSync } from 'node:fs';

/** The unit of the times in /proc/<pid>/stat: USER_HZ is 100 on every Linux platform that Node supports. */
const TICKS_PER_S = 100;

/** User and system time of all threads so far, in seconds, exact to 10 ms. */
export function cpuSeconds(pid: number): number {
  const text = read(`/proc/${pid}/stat`);
  // The name in brackets may hold spaces; the fields are counted from behind it (proc(5): utime is 14, stime 15).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) / TICKS_PER_S;
}

/** Resident memory now, in MB (10^6 bytes). */
export function residentMb(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1];
  return kib === undefined ? Number.NaN : (Number(kib) * 1024) / 1e6;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

#!/usr/bin/env node
/**
 * Hands one mail from standard input to a Countersign server, signed. For a pipe of an MTA; needs Node and nothing else.
 *
 *   INBOUND_URL=https://approvals.example.com/inbound/email INBOUND_SECRET_FILE=/etc/countersign/inbound-secret pipe.js
 *
 * Exit codes are those of sysexits: 0 taken, 65 this mail will never be taken, 75 try again later, 78 not configured.
 * Invariant: a mail is never lost by a server that is down or a secret that is wrong: the MTA keeps it and tries again.
 */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';

const OK = 0;
const DATA_ERROR = 65;
const TRY_AGAIN = 75;
const NOT_CONFIGURED = 78;
const WAIT_MS = 30_000;

process.exitCode = await main();

async function main() {
  const { INBOUND_URL: url = '', INBOUND_SECRET_FILE: file = '', INBOUND_SECRET: given = '' } = process.env;
  let secret = given;
  try {
    if (file !== '') secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    return say(NOT_CONFIGURED, `INBOUND_SECRET_FILE can't be read: ${error.code}`);
  }
  if (url === '' || secret === '') return say(NOT_CONFIGURED, 'Set INBOUND_URL and INBOUND_SECRET_FILE.');
  const mail = await buffer(process.stdin);
  const t = Math.floor(Date.now() / 1000);
  const mac = createHmac('sha256', secret).update(`${t}.`).update(mail).digest('hex');
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'message/rfc822', 'X-Countersign-Signature': `t=${t},v1=${mac}` },
      body: mail,
      redirect: 'error',
      signal: AbortSignal.timeout(WAIT_MS),
    });
    await response.arrayBuffer();
    if (response.status === 202) return OK;
    const code = response.status === 413 ? DATA_ERROR : TRY_AGAIN;
    return say(code, `The server answered ${response.status}.`);
  } catch (error) {
    return say(TRY_AGAIN, `The server can't be reached: ${error.message}`);
  }
}

function say(code, words) {
  process.stderr.write(`${words}\n`);
  return code;
}

// What both scripts need: a customer's device, and refusals.
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { execFileSync } = require('node:child_process');

/** What a customer's device or phone shows. */
function device(...args) {
  const script = path.join(__dirname, '..', 'device.py');
  return execFileSync('python3', [script, ...args.map(String)], { encoding: 'utf8' }).trim();
}

/** That a promise fails, with this code of Authy's in the body that `of` finds in the error. */
async function refused(promise, code, of) {
  const body = await promise.then(
    (answer) => assert.fail(`accepted: ${JSON.stringify(answer)}`),
    (error) => {
      if (error instanceof assert.AssertionError) throw error;
      return of(error);
    },
  );
  assert.equal(body && body.error_code, code, JSON.stringify(body));
  assert.equal(body.success, false);
  assert.equal(body.errors.message, body.message);
}

module.exports = { URL: process.env.TXOTP_URL, KEY: process.env.TXOTP_KEY, device, refused };

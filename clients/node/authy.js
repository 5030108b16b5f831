// The whole of what npm's authy can ask for.
'use strict';

const assert = require('node:assert/strict');
const { promisify } = require('node:util');
const authy = require('authy');
const { URL, KEY, device, refused } = require('./common');

const client = authy(KEY, URL);
/** A method as a promise. This client gives the body of a refusal as the error. */
const ask = (name, ...args) => promisify(client[name]).call(client, ...args);
const phones = (name, ...args) => promisify(client.phones()[name])(...args);
const no = (code, name, ...args) => refused(ask(name, ...args), code, (body) => body);

async function main() {
  const created = await ask('register_user', 'node@bank.example', '405-555-0102', '1', true);
  const again = await ask('register_user', 'node@bank.example', '4055550102', '1', false);
  const user = created.user.id;
  assert.equal(again.user.id, user);
  await no('60027', 'register_user', 'nobody', '405-555-0102', '1', true);
  assert.equal((await ask('user_status', user)).status.phone_number, 'XXX-XXX-XX02');

  // Codes by SMS: this client has no action.
  assert.equal((await ask('request_sms', user)).cellphone, '+1-XXX-XXX-XX02');
  await no('60020', 'verify', user, device('wrong-text'));
  assert.equal((await ask('verify', user, device('text'))).token, 'is valid');
  await no('60020', 'verify', user, device('text'));
  assert.equal((await ask('request_call', user, true)).cellphone, '+1-XXX-XXX-XX02');
  assert.equal((await ask('verify', user, device('text'))).token, 'is valid');

  // Codes of a device.
  const uri = device('enrol', user);
  assert.equal((await ask('request_sms', user, false)).ignored, true);
  assert.equal((await ask('request_sms', user, true)).ignored, undefined);
  await no('60020', 'verify', user, device('wrong', uri));
  const code = device('login', uri);
  // It leaves out what is no digit.
  assert.equal((await ask('verify', user, `${code.slice(0, 4)}-${code.slice(4)} `, true)).success, 'true');
  await no('60019', 'verify', user, code, false);
  await no('60020', 'verify', user, '1234567890123456');
  await no('60026', 'verify', 1, code);
  // An object where this client wants a boolean does not make a transaction of a login.
  const misused = { 'details[Amount]': '1000 Euros', message: 'Approve money transaction' };
  await no('60002', 'verify', user, device('example', uri), misused);
  const stranger = authy('wrong', URL);
  await refused(promisify(stranger.verify).call(stranger, user, code), '60001', (body) => body);

  // Phones.
  const started = await phones('verification_start', '405-555-0112', '1', { via: 'sms', locale: 'en', code_length: '6' });
  assert.equal(started.message, 'Text message sent to +1-XXX-XXX-XX12.');
  const check = (text) => phones('verification_check', '405-555-0112', '1', text);
  await refused(check(device('wrong-text')), '60022', (body) => body);
  assert.equal((await check(device('text'))).message, 'Verification code is correct.');
  await refused(check(device('text')), '60023', (body) => body);
  await refused(phones('verification_status', '405-555-0112', '1'), '60000', (body) => body);
  await refused(phones('info', '405-555-0112', '1'), '60000', (body) => body);

  // Approval requests.
  const payload = { message: 'Approve money transaction', details: { 'Sending to': 'John Doe' }, seconds_to_expire: 120 };
  const logos = [{ res: 'default', url: 'https://bank.example/logo.png' }, { res: 'low', url: 'https://bank.example/low.png' }];
  const asked = await ask('send_approval_request', user, payload, { 'Transaction ID': 'T2293' }, logos);
  const found = await ask('check_approval_status', asked.approval_request.uuid);
  assert.equal(found.approval_request.status, 'pending');

  assert.equal((await ask('delete_user', user)).success, true);
  await no('60026', 'delete_user', user);
  console.log('node: authy 1.4.0 is content');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

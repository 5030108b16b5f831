// The whole of what npm's authy-client can ask for.
'use strict';

const assert = require('node:assert/strict');
const { Client } = require('authy-client');
const { URL, KEY, device, refused } = require('./common');

const client = new Client({ key: KEY }, { host: URL });
/** This client gives the body of a refusal within an error of its own. */
const no = (code, name, ...args) => refused(client[name](...args), code, (error) => error.body);
const phone = { countryCode: 'US', phone: '405-555-0113' };

/** A device answers, and this client checks the callback and its signature, and none other than the right one. */
async function answered(uri, authyId, id, decision, status) {
  assert.equal(device('answer', uri, authyId, id, decision), status);
  assert.equal((await client.getApprovalRequest({ id })).approval_request.status, status);
  const { url, headers, body } = JSON.parse(device('callback', id));
  assert.equal(body.status, status);
  const request = { body, headers, method: 'POST', protocol: 'http', url: new globalThis.URL(url).pathname };
  await client.verifyCallback(request);
  const forged = { ...request, body: { ...body, authy_id: 1 } };
  await assert.rejects(client.verifyCallback(forged));
}

async function main() {
  const person = { countryCode: 'US', email: 'client@bank.example', phone: '405-555-0103' };
  const { user: { id: authyId } } = await client.registerUser(person);
  assert.equal((await client.registerUser(person)).user.id, authyId);
  const { status } = await client.getUserStatus({ authyId }, { ip: '192.0.2.1' });
  assert.equal(status.phone_number, 'XXX-XXX-XX03');
  await client.registerActivity({ authyId, type: 'password_reset', data: { reason: 'forgotten' } }, { ip: '192.0.2.1' });

  // Codes by SMS. This client asks for one for an action, and leaves the action out when it verifies.
  await client.requestSms({ authyId }, { action: 'john|12.00', message: 'Pay 12.00 to John' });
  await no('60020', 'verifyToken', { authyId, token: device('text') });
  const sent = await client.requestSms({ authyId });
  assert.equal(sent.cellphone, '+1-XXX-XXX-XX03');
  await client.verifyToken({ authyId, token: device('text') });
  assert.equal((await client.requestCall({ authyId }, { force: true })).cellphone, '+1-XXX-XXX-XX03');
  await client.verifyToken({ authyId, token: device('text') });

  // Codes of a device.
  const uri = device('enrol', authyId);
  assert.equal((await client.requestSms({ authyId })).ignored, true);
  await no('60020', 'verifyToken', { authyId, token: device('wrong', uri) });
  const token = device('login', uri);
  await client.verifyToken({ authyId, token }, { force: true });
  await no('60019', 'verifyToken', { authyId, token });
  await no('60020', 'verifyToken', { authyId, token: device('example', uri) });
  await no('60026', 'verifyToken', { authyId: 1, token });
  const stranger = new Client({ key: 'wrong' }, { host: URL });
  await refused(stranger.verifyToken({ authyId, token }), '60001', (error) => error.body);

  // Phones.
  const started = await client.startPhoneVerification({ ...phone, via: 'sms' }, { locale: 'en', codeLength: 6 });
  assert.equal(started.is_cellphone, true);
  await no('60022', 'verifyPhone', { ...phone, token: device('wrong-text') });
  await client.verifyPhone({ ...phone, token: device('text') });
  await no('60023', 'verifyPhone', { ...phone, token: device('text') });
  await client.startPhoneVerification({ ...phone, via: 'call' });
  await client.verifyPhone({ ...phone, token: device('text') });
  await no('60000', 'getPhoneInformation', phone);

  // The application.
  const { app } = await client.getApplicationDetails();
  assert.equal(app.sms_enabled, true);
  await no('60000', 'getApplicationStatistics');

  // Approval requests.
  const logos = [{ res: 'default', url: 'https://bank.example/logo.png' }];
  const details = { visible: { 'Sending to': 'John Doe' }, hidden: { 'Transaction ID': 'T2293' } };
  const asked = await client.createApprovalRequest({ authyId, details, logos, message: 'Approve money transaction' }, { ttl: 120 });
  const found = await client.getApprovalRequest({ id: asked.approval_request.uuid });
  assert.equal(found.approval_request.status, 'pending');
  await answered(uri, authyId, asked.approval_request.uuid, 'approve', 'approved');
  const other = await client.createApprovalRequest({ authyId, logos, message: 'Log in' });
  await answered(uri, authyId, other.approval_request.uuid, 'deny', 'denied');

  await client.deleteUser({ authyId }, { ip: '192.0.2.1' });
  await no('60026', 'deleteUser', { authyId });
  console.log('node: authy-client 1.1.4 is content');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

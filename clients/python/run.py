"""The whole of what PyPI's authy can ask for."""

import json
import os
import pathlib
import subprocess
import sys

from authy.api import AuthyApiClient

HERE = pathlib.Path(__file__).resolve().parent
URL, KEY = os.environ["TXOTP_URL"], os.environ["TXOTP_KEY"]
EXAMPLE = {
    "hidden_details[Transaction ID]": "T2293",
    "details[Reason]": "transfer money",
    "details[Source Account]": "98381",
    "details[Destination Account]": "29385",
    "details[To]": "John Doe",
    "details[Amount]": "1000 Euros",
    "message": "Approve money transaction",
}


def device(*arguments, given=None):
    """What a customer's device or phone shows."""
    command = [sys.executable, str(HERE.parent / "device.py"), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, input=given, text=True).stdout.strip()


def refused(answer, status, code):
    assert not answer.ok()
    assert answer.response.status_code == status, answer.content
    assert answer["error_code"] == code, answer.content
    assert answer.errors() == {"message": answer["message"]}


def users(client):
    created = client.users.create("python@bank.example", "405-555-0101", 1)
    again = client.users.create("python@bank.example", 4055550101, "1", True)
    assert created.ok() and again.ok() and created.id == again.id, created.content
    refused(client.users.create("nobody", "405-555-0101", 1), 400, "60027")
    status = client.users.status(created.id)
    assert status.ok() and status["status"]["phone_number"] == "XXX-XXX-XX01", status.content
    return created.id


def texts(client, user):
    sent = client.users.request_sms(user, {"force": True, "action": "john|12.00", "action_message": "Pay 12.00 to John"})
    assert sent.ok() and not sent.ignored(), sent.content
    code = device("text")
    refused(client.tokens.verify(user, code, {}), 401, "60020")
    refused(client.tokens.verify(user, code, {"action": "john|13.00"}), 401, "60020")
    assert client.tokens.verify(user, code, {"action": "john|12.00"}).ok()
    assert client.users.request_sms(user, {}).ok()
    code = device("text")
    assert client.tokens.verify(user, code, {}).ok()
    refused(client.tokens.verify(user, code, {}), 401, "60020")
    assert client.users.request_call(user, {"force": True}).ok()
    assert client.tokens.verify(user, device("text"), {}).ok()


def tokens(client, user):
    picture = client.users.generate_qr(user, size=400, label="Python at the bank")
    assert picture.ok(), picture.content
    uri = device("scan", given=picture["qr_code"])
    assert "Python%20at%20the%20bank" in uri
    ignored = client.users.request_sms(user, {})
    assert ignored.ok() and ignored.ignored(), ignored.content
    refused(client.tokens.verify(user, device("wrong", uri), {}), 401, "60020")
    code = device("login", uri)
    assert client.tokens.verify(user, code, {}).ok()
    refused(client.tokens.verify(user, code, {}), 401, "60019")
    refused(client.tokens.verify(user, "１２３４５６", {}), 401, "60020")
    refused(client.tokens.verify(1, code, {}), 404, "60026")

    code = device("example", uri)
    refused(client.tokens.verify(user, code, {**EXAMPLE, "details[Amount]": "9000 Euros"}), 401, "60020")
    refused(client.tokens.verify(user, code, {**EXAMPLE, "details[Amount]": ""}), 400, "60004")
    # This client makes `details=Amount&details=To` of a nested dictionary: the values are lost.
    nested = {"message": "Approve money transaction", "details": {"Amount": "1000 Euros", "To": "John Doe"}}
    refused(client.tokens.verify(user, code, nested), 400, "60002")
    assert client.tokens.verify(user, code, dict(EXAMPLE)).ok()
    refused(client.tokens.verify(user, code, dict(EXAMPLE)), 401, "60019")
    assert client.users.status(user)["status"]["confirmed"] is True
    refused(AuthyApiClient("wrong", URL).tokens.verify(user, code, {}), 401, "60001")
    return uri


def phones(client):
    started = client.phones.verification_start("405-555-0111", 1, via="sms", locale="en", code_length=4)
    assert started.ok() and started["is_cellphone"], started.content
    refused(client.phones.verification_check("405-555-0111", 1, device("wrong-text")), 401, "60022")
    checked = client.phones.verification_check("4055550111", "1", device("text"))
    assert checked.ok() and checked["message"] == "Verification code is correct.", checked.content
    refused(client.phones.verification_check("4055550111", "1", device("text")), 404, "60023")
    called = client.phones.verification_start("4055550111", 1, via="call")
    assert called.ok(), called.content
    assert client.phones.verification_check("4055550111", 1, device("text")).ok()
    refused(client.phones.verification_start("12", 1), 400, "60033")
    refused(client.phones.info("4055550111", 1), 403, "60000")


def application(client):
    details = client.apps.fetch()
    assert details.ok() and details["app"]["sms_enabled"] is True, details.content
    refused(client.stats.fetch(), 403, "60000")
    refused(client.users.registration_status("1"), 403, "60000")


def approvals(client, user, uri):
    logos = [{"res": "default", "url": "https://bank.example/logo.png"}, {"res": "low", "url": "https://bank.example/low.png"}]
    asked = client.one_touch.send_request(
        user, "Approve money transaction", seconds_to_expire=120, details={"Amount": "1000 Euros"},
        hidden_details={"Transaction ID": "T2293"}, logos=logos)
    assert asked.ok() and asked.status() is True, asked.content
    bare = client.one_touch.send_request(user, "Log in")
    assert bare.ok() and bare.get_uuid() != asked.get_uuid(), bare.content
    found = client.one_touch.get_approval_status(asked.get_uuid())
    assert found.ok() and found["approval_request"]["status"] == "pending", found.content
    refused_request = client.one_touch.get_approval_status("00000000-0000-0000-0000-000000000000")
    assert refused_request.response.status_code == 404 and refused_request["error_code"] == "60049"

    for request, decision, status in [(asked, "approve", "approved"), (bare, "deny", "denied")]:
        assert device("answer", uri, str(user), request.get_uuid(), decision) == status
        found = client.one_touch.get_approval_status(request.get_uuid())
        assert found["approval_request"]["status"] == status, found.content
        callback(client, request.get_uuid(), status)


def callback(client, uuid, status):
    """This client checks the signature of a callback, and none other than the right one."""
    told = json.loads(device("callback", uuid))
    assert told["body"]["status"] == status
    signature, nonce = told["headers"]["x-authy-signature"], told["headers"]["x-authy-signature-nonce"]
    check = client.one_touch.validate_one_touch_signature
    assert check(signature, nonce, "POST", told["url"], told["body"])
    assert not check(signature, nonce + "1", "POST", told["url"], told["body"])
    assert not check(signature, nonce, "POST", told["url"], {**told["body"], "status": "approve"})


def main():
    client = AuthyApiClient(KEY, URL)
    user = users(client)
    texts(client, user)
    uri = tokens(client, user)
    phones(client)
    application(client)
    approvals(client, user, uri)
    assert client.users.delete(user).ok()
    refused(client.users.delete(user), 404, "60026")
    refused(client.users.request_sms(user, {}), 404, "60026")
    print("python: authy 2.2.6 is content")


if __name__ == "__main__":
    main()
